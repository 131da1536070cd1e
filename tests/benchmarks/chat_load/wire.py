"""The least of WebSocket, Engine.IO 4 and Socket.IO 5 that a load needs: text frames, events and acknowledgements.

A library would cost more than the server under test: a delivery is found, counted and timed here in about 3 µs.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Mapping

EVENT_NEW = b'42["message:new"'
EVENT_PING = b'42["presence:ping"'
OPENED = b"0{"
CONNECTED = b"40"
REFUSED = b"44"
TRY_AGAIN = b'"try_again"'
PING = b"2"
ACKNOWLEDGED = b"43"
PONG = b"3"


class LineCut(ConnectionError):
    """The server closed a line."""


_CLIENT_ID = b'"client_id":"'
# Written like a UUID so that packets have the size of real ones; the last twelve digits are the load's own number.
_ID_PREFIX = "00000000-0000-4000-8000-"
_DIGITS = 12


def handshake(port: int, cookie: str) -> bytes:
    """Write the HTTP request that opens a WebSocket on Engine.IO."""
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nCookie: {cookie}\r\n\r\n"
    ).encode()


def frame(payload: bytes) -> bytes:
    """Wrap a text as a client's frame; the mask of zeros leaves it as it is, which the standard allows."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, 0x80 | size, 0, 0, 0, 0)) + payload
    return bytes((0x81, 0xFE, size >> 8, size & 0xFF, 0, 0, 0, 0)) + payload


def connect(name: str) -> bytes:
    """Write the packet that enters the namespace; the product looks at the cookie alone, the bare server at this."""
    return frame(b"40" + json.dumps({"name": name}, ensure_ascii=False).encode())


def command(number: int, name: str, payload: Mapping[str, object]) -> bytes:
    """Write a command whose acknowledgement carries the number."""
    text = json.dumps([name, payload], ensure_ascii=False, separators=(",", ":"))
    return frame(f"42{number}{text}".encode())


def beat() -> bytes:
    """Write the answer to the house's ping."""
    return frame(b'42["presence:beat",{}]')


def client_id(number: int) -> str:
    """Write the sender's id of a message from the load's number."""
    return f"{_ID_PREFIX}{number:0{_DIGITS}x}"


def number_in(packet: bytes) -> int:
    """Read the load's number from a message that came in."""
    start = packet.rindex(_CLIENT_ID) + len(_CLIENT_ID) + len(_ID_PREFIX)
    return int(packet[start : start + _DIGITS], 16)


def acknowledged(packet: bytes) -> tuple[int, bool]:
    """Read from an acknowledgement which command it answers and whether that was done."""
    start = packet.index(b"[")
    return int(packet[2:start]), packet.startswith(b'[{"ok":true', start)


def size_of(payload: bytes) -> int:
    """Say how many bytes a payload takes on the line as a frame of a server."""
    size = len(payload)
    return size + (2 if size < 126 else 4 if size < 65_536 else 10)


def split(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield the payload of each whole frame of a server, with the place where the next one begins."""
    at, end = 0, len(data)
    while end - at >= 2:
        size, head = data[at + 1], 2
        if size == 126:
            if end - at < 4:
                return
            size, head = data[at + 2] << 8 | data[at + 3], 4
        elif size == 127:
            if end - at < 10:
                return
            size, head = int.from_bytes(data[at + 2 : at + 10], "big"), 10
        if end - at < head + size:
            return
        if data[at] != 0x81:
            raise LineCut
        start, at = at + head, at + head + size
        yield data[start:at], at
