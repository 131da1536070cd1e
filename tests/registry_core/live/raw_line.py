"""A WebSocket spoken to in bytes, so that a test can also say what no client would."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from typing import Any

from websockets.frames import Frame, Opcode

PATIENCE_SECONDS = 20.0
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HEAD = {"Host": "127.0.0.1", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}


def frame(opcode: Opcode, data: bytes, *, fin: bool = True, mask: bool = True) -> bytes:
    """Make a frame as a client sends it, whether it may be so or not."""
    return Frame(opcode, data, fin).serialize(mask=mask)


def text(data: str) -> bytes:
    """Make the frame of a whole text."""
    return frame(Opcode.TEXT, data.encode())


class RawLine:
    """A connection whose request has been sent; `head` is what came back."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None, *, receive_buffer: int = 0) -> None:
        self.sock = socket.socket()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(PATIENCE_SECONDS)
        self.sock.connect(("127.0.0.1", port))
        changed = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        given = {**HEAD, "Sec-WebSocket-Key": KEY, **changed}
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        request = f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n{lines}\r\n"
        self.rest = b""
        self.sock.sendall(request.encode())
        while b"\r\n\r\n" not in self.rest and (data := self.sock.recv(65_536)):
            self.rest += data
        head, _end, self.rest = self.rest.partition(b"\r\n\r\n")
        self.head = head.decode("latin-1")

    def close(self) -> None:
        """Cut the line without a word."""
        self.sock.close()

    def send(self, *frames: bytes) -> None:
        """Send frames in one piece."""
        self.sock.sendall(b"".join(frames))

    def receive(self) -> tuple[int, bytes]:
        """Receive one frame, with its opcode; raises ConnectionError where nothing follows."""
        first, size = self._take(2)
        if size == 126:
            (size,) = struct.unpack("!H", self._take(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._take(8))
        return first & 15, self._take(size)

    def until(self, opcode: int) -> bytes:
        """Receive up to a frame of this kind, and give its data."""
        while True:
            kind, data = self.receive()
            if kind == opcode:
                return data

    def close_code(self) -> int:
        """Receive up to the closing frame, and give its code."""
        return int(struct.unpack("!H", self.until(Opcode.CLOSE)[:2])[0])

    def answer(self, number: int) -> Any:
        """Receive up to the acknowledgement of a command."""
        start = f"43{number}".encode()
        while not (data := self.until(Opcode.TEXT)).startswith(start):
            pass
        return json.loads(data.removeprefix(start))[0]

    def call(self, number: int, name: str, value: Any) -> Any:
        """Send a command and wait for its acknowledgement."""
        self.send(text(f"42{number}" + json.dumps([name, value])))
        return self.answer(number)

    def _take(self, count: int) -> bytes:
        while len(self.rest) < count:
            data = self.sock.recv(65_536)
            if not data:
                raise ConnectionError
            self.rest += data
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken


def connect(port: int, *, receive_buffer: int = 0) -> RawLine:
    """Open a line up to where commands may be sent."""
    line = RawLine(port, receive_buffer=receive_buffer)
    assert line.head.startswith("HTTP/1.1 101"), line.head
    line.until(Opcode.TEXT)
    line.send(text("40"))
    line.until(Opcode.TEXT)
    return line
