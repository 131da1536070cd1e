"""Writing to one client without waiting for it: at once while the system takes it, else from a bounded buffer."""

from __future__ import annotations

import socket
from typing import Any

import gevent

LARGEST_BACKLOG = 1 << 20
"""Bytes that may wait for a client that does not read; one more and it is cut off. It comes back and asks anew."""


class Outlet:
    """The sending side of a socket. Whoever writes never waits; a greenlet exists only while something is left over."""

    __slots__ = ("_flushing", "_held", "_is_shut", "_left", "_send_at_once", "_sock", "backlog", "is_dead", "takes")

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        # The socket below gevent's: it does not block and answers with BlockingIOError instead of waiting.
        self._send_at_once = sock._sock.send  # noqa: SLF001 - not public: pinned, and tested
        self._left: list[bytes] = []
        self._held: list[bytes] | None = None
        self._flushing = False
        self._is_shut = False
        self.backlog = 0
        self.is_dead = False
        self.takes = True
        """Whether messages may still be sent: no closing frame has gone out."""

    def post(self, data: bytes) -> None:
        """Send the frame of a message, unless the line is being closed."""
        if self.takes:
            self.write(data)

    def hold(self, data: bytes) -> bool:
        """Keep a message's frame until `release`, or until something else is written; say whether it is the first."""
        if self._held is not None:
            self._held.append(data)
            return False
        self._held = [data]
        return True

    def release(self) -> None:
        """Send what was held, in one write."""
        held, self._held = self._held, None
        if held and self.takes:
            self.write(held[0] if len(held) == 1 else b"".join(held))

    def write(self, data: bytes) -> None:
        """Send now, or keep for later what the system does not take."""
        if self._held is not None:
            self.release()
        if self._flushing:
            self._keep(data)
            return
        try:
            sent = self._send_at_once(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # the reading side sees it as well, and ends the connection
        if sent != len(data):
            self._keep(data[sent:])

    def shut(self) -> None:
        """Say that nothing follows, once everything has been sent."""
        self._is_shut = True
        if not self._flushing:
            self._shutdown(socket.SHUT_WR)

    def abort(self) -> None:
        """Cut the line; what was left is dropped, and whoever waits for reading wakes up."""
        self.is_dead = True
        self._left = []
        self.backlog = 0
        self._shutdown(socket.SHUT_RDWR)

    def _keep(self, data: bytes) -> None:
        if self.is_dead:
            return
        self._left.append(data)
        self.backlog += len(data)
        if self.backlog > LARGEST_BACKLOG:
            self.abort()
        elif not self._flushing:
            self._flushing = True
            gevent.spawn(self._flush)

    def _flush(self) -> None:
        try:
            while self._left:
                batch, self._left = self._left, []
                for data in batch:
                    self._send_whole(data)
        except OSError:
            self.abort()
        finally:
            self._flushing = False
        if self._is_shut:
            self._shutdown(socket.SHUT_WR)

    def _send_whole(self, data: bytes) -> None:
        view = memoryview(data)
        while view and not self.is_dead:
            view = view[self._sock.send(view) :]
        self.backlog = max(0, self.backlog - len(data))

    def _shutdown(self, how: int) -> None:
        try:
            self._sock.shutdown(how)
        except OSError:
            return  # it is shut already
