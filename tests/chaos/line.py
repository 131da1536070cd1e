"""One line of the chaos run's clients, on asyncio: packets as docs/protocol.md says, and three bad ways to end it."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, cast

from tests.benchmarks.chat_load import wire

HOST = "127.0.0.1"
PATIENCE_SECONDS = 8.0
LONGEST_PATIENCE_SECONDS = 64.0
# The house pings every 25 s and gives 20 s for the answer; who hears nothing for as long is alone.
SILENCE_SECONDS = 45.0
SWITCHING = b"HTTP/1.1 101"
LEAVE_AT_ONCE = struct.pack("ii", 1, 0)

Event = Callable[[str, Any], None]


class LineLost(ConnectionError):
    """The line ended, or did not answer in time and was cut."""


class Cut(StrEnum):
    """A way in which a line ends without a word."""

    CLOSED = "closed"
    """As when a browser is closed: the system says goodbye."""
    RESET = "reset"
    """As when a machine between them starts anew: what was under way is thrown away."""
    HALF_OPEN = "half-open"
    """As when somebody leaves the room with the telephone: the other side hears nothing of it."""


@dataclass(slots=True)
class Patience:
    """How long a client waits for an answer: twice as long after each wait in vain, until answers come quickly again.

    A house that is only slow would else have to let the same people in again and again, and get to nothing else.
    """

    seconds: float = PATIENCE_SECONDS

    def grow(self) -> None:
        """Note that no answer came."""
        self.seconds = min(2 * self.seconds, LONGEST_PATIENCE_SECONDS)

    def learn(self, seconds: float) -> None:
        """Note how long an answer took."""
        if seconds < self.seconds / 4:
            self.seconds = max(self.seconds / 2, PATIENCE_SECONDS)


class Line(asyncio.Protocol):
    """A WebSocket that carries Socket.IO: commands with their acknowledgements, and the events heard meanwhile."""

    left_open: ClassVar[list[asyncio.Transport]] = []

    def __init__(self, port: int, cookie: str, on_event: Event, patience: Patience) -> None:
        self._handshake = wire.handshake(port, cookie)
        self._on_event = on_event
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._is_upgraded = False
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._let_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._heard_at = asyncio.get_running_loop().time()
        self._patience = patience
        self.lost = asyncio.Event()

    @classmethod
    async def dial(cls, port: int, cookie: str, on_event: Event, patience: Patience) -> Line:
        """Connect and enter. Raises LineLost, also when the house refuses."""
        line = cls(port, cookie, on_event, patience)
        try:
            async with asyncio.timeout(2 * patience.seconds):
                await asyncio.get_running_loop().create_connection(lambda: line, HOST, port)
                await line._let_in
        except (OSError, TimeoutError) as error:
            line._let_in.cancel()
            line.cut(Cut.CLOSED)
            raise LineLost(str(error)) from None
        return line

    @property
    def transport(self) -> asyncio.Transport:
        """What carries the line. Raises LineLost where nothing does."""
        if self._transport is None:
            raise LineLost
        return self._transport

    # ── what asyncio calls ────────────────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._transport.write(self._handshake)

    def data_received(self, data: bytes) -> None:
        if self.lost.is_set():
            return
        self._heard_at = asyncio.get_running_loop().time()
        self._rest += data
        if not self._is_upgraded:
            head, end, rest = self._rest.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(SWITCHING):
                self._end(head.split(b"\r\n", 1)[0].decode())
                return
            self._is_upgraded, self._rest = True, rest
        done = 0
        try:
            for payload, after in wire.split(self._rest):
                done = after
                self._take(payload)
        except wire.LineCut:
            self._end("the house closed the line")
        self._rest = self._rest[done:]

    def connection_lost(self, error: Exception | None) -> None:
        self._end(str(error or "the line ended"))

    # ── packets ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _take(self, packet: bytes) -> None:
        if packet == wire.PING:
            self._write(wire.PONG)
        elif packet.startswith(wire.ACKNOWLEDGED):
            start = packet.index(b"[")
            answer = self._answers.pop(int(packet[2:start]), None)
            if answer is not None and not answer.done():
                answer.set_result(json.loads(packet[start:])[0])
        elif packet.startswith(b"42"):
            name, payload = json.loads(packet[2:])
            if name == "presence:ping":
                self.tell("presence:beat", {})
            self._on_event(name, payload)
        elif packet.startswith(wire.OPENED):
            self._write(wire.CONNECTED)
        elif packet.startswith(wire.CONNECTED):
            if not self._let_in.done():
                self._let_in.set_result(None)
        elif packet.startswith((wire.REFUSED, b"41", b"1")):
            self._end(packet.decode())

    def _write(self, packet: bytes) -> None:
        if self._transport is not None and not self.lost.is_set():
            self._transport.write(wire.frame(packet))

    def tell(self, name: str, payload: Mapping[str, Any]) -> asyncio.Future[dict[str, Any]]:
        """Send a command; the acknowledgement may be waited for, or not."""
        self._number += 1
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        if self.lost.is_set():
            answer.cancel()
            return answer
        self._answers[self._number] = answer
        self._write(f"42{self._number}{json.dumps([name, payload], ensure_ascii=False)}".encode())
        return answer

    async def wait_for(self, answer: asyncio.Future[dict[str, Any]]) -> dict[str, Any]:
        """Wait for an acknowledgement; no answer in time means a dead line, which is cut. Raises LineLost."""
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._patience.seconds):
                await asyncio.wait([answer])
            self._patience.learn(asyncio.get_running_loop().time() - began)
        except TimeoutError:
            self._patience.grow()
            self.cut(Cut.CLOSED)
        if answer.cancelled() or not answer.done():
            raise LineLost
        return answer.result()

    async def call(self, name: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Send a command and wait for its acknowledgement. Raises LineLost."""
        return await self.wait_for(self.tell(name, payload))

    async def until_lost(self) -> None:
        """Return never; raises LineLost once the line is gone, or silent for too long."""
        while not self.lost.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self.lost.wait(), SILENCE_SECONDS / 3)
            if asyncio.get_running_loop().time() - self._heard_at > SILENCE_SECONDS:
                self.cut(Cut.CLOSED)
        raise LineLost

    # ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _end(self, why: str) -> None:
        if self.lost.is_set():
            return
        self.lost.set()
        if not self._let_in.done():
            self._let_in.set_exception(LineLost(why))
        for answer in self._answers.values():
            answer.cancel()
        self._answers.clear()
        if self._transport is not None:
            self._transport.abort()

    def cut(self, how: Cut) -> None:
        """End the line from this side."""
        if self._transport is None or self.lost.is_set():
            self._end(how)
            return
        if how is Cut.RESET:
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LEAVE_AT_ONCE)
        if how is Cut.HALF_OPEN:
            # It stays open and unread; the house finds out by itself, from pings that nobody answers.
            self._transport.pause_reading()
            self.left_open.append(self._transport)
            self._transport = None
        self._end(how)

    @classmethod
    def hang_up(cls) -> None:
        """Close what half-open lines have left."""
        while cls.left_open:
            cls.left_open.pop().abort()
