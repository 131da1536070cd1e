"""Packets of Engine.IO as frames of the WebSocket protocol (RFC 6455)."""

from __future__ import annotations

from engineio.packet import Packet
from websockets.frames import Frame, Opcode


def text_frame(text: str) -> bytes:
    """Make the frame of a text, as a server sends it: whole and unmasked."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


def frame_of(packet: Packet) -> bytes:
    """Make the frame of a packet.

    A binary packet is sent as it is: `Packet.encode` remembers one encoding, and after a long-polling client that one
    is base64.
    """
    if packet.binary:
        return Frame(Opcode.BINARY, packet.data).serialize(mask=False)
    return text_frame(packet.encode())
