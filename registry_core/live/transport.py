"""A WebSocket under Engine.IO whose packets are written straight to the socket.

The protocol (handshake, frames, control frames, limits, closing) is the core of `websockets`, which does no input and
output of its own. Ours are the reading loop and the writing: Engine.IO's own driver wakes a greenlet for every packet
of every client, and that is what a broadcast then costs. Design and figures: docs/decisions/0022.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import gevent
from engineio.packet import Packet
from gevent.pywsgi import WSGIHandler
from gevent.queue import Empty, JoinableQueue
from websockets.datastructures import Headers
from websockets.exceptions import InvalidState
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from registry_core.live.frames import frame_of, text_frame
from registry_core.live.outlet import Outlet

SOCKET = "desk.socket"
"""Under this name a request carries its own socket."""
READ_AHEAD = 1_024
"""Bytes read at once of a request's head; a body is read past that."""
READ_AT_ONCE = 16_384
READS_IN_A_ROW = 8
"""Reads after which others have their turn: a client that always has data ready must not hold the loop."""
FRAMES_IN_A_ROW = 64
"""As many frames of one client are taken before others have their turn; the smallest go by thousands into one read."""
CLOSING_SECONDS = 5.0
"""How long a client may take to answer a closing frame."""
SWITCHING_PROTOCOLS = 101


class Handler(WSGIHandler):
    """gevent's handler, which hands the socket on to the application."""

    def __init__(self, sock: Any, address: Any, server: Any, rfile: Any = None) -> None:
        # Python's own 8 KB would lie there as long as a line is open, long after the head has been read.
        head = rfile or sock.makefile("rb", READ_AHEAD)
        super().__init__(sock, address, server, head)  # type: ignore[call-arg]  # the stubs leave the fourth out

    def get_environ(self) -> dict[str, Any]:
        """Add the socket to what WSGI gives."""
        environ: dict[str, Any] = super().get_environ()
        environ[SOCKET] = self.socket
        return environ


class PacketQueue:
    """Engine.IO's queue of packets for one client; with a WebSocket attached, what is put is sent at once.

    Engine.IO's own writer then finds nothing to wait for and ends by itself, and the queue, 2 KB for nothing, goes.
    """

    __slots__ = ("_kept", "line")

    def __init__(self) -> None:
        self._kept: JoinableQueue[Any] | None = JoinableQueue()
        self.line: Line | None = None

    def attach(self, line: Line) -> None:
        """Send what has gathered through a line, and what comes from now on."""
        kept, self._kept = self._kept, None
        while kept is not None and not kept.empty():
            packet = kept.get()
            kept.task_done()
            if packet is not None:
                line.send_packet(packet)
        self.line = line

    def put(self, item: Packet | None, *wait: Any, **options: Any) -> None:
        """Send a packet, or keep it for long polling; None closes."""
        if self._kept is not None:
            self._kept.put(item, *wait, **options)
        elif self.line is not None and item is None:
            self.line.finish()
        elif self.line is not None:
            self.line.send_packet(item)

    def get(self, *wait: Any, **options: Any) -> Any:
        """Get a packet; raises Empty at once where a WebSocket is attached."""
        if self._kept is None:
            raise Empty
        return self._kept.get(*wait, **options)

    def task_done(self) -> None:
        """Say that a packet which was got has been sent."""
        if self._kept is not None:
            self._kept.task_done()

    def join(self) -> None:
        """Wait until every packet has been sent."""
        if self._kept is not None:
            self._kept.join()

    def empty(self) -> bool:
        """Say whether nothing lies here."""
        return self._kept is None or self._kept.empty()

    def qsize(self) -> int:
        """Count what lies here."""
        return 0 if self._kept is None else self._kept.qsize()


class Line:
    """One WebSocket, as Engine.IO's unchanged handler drives it: a WSGI application with `wait`, `send` and `close`."""

    __slots__ = (
        "_frames",
        "_handle",
        "_limit",
        "_outlets",
        "_protocol",
        "_reads",
        "_sock",
        "_waiting",
        "client",
        "outlet",
    )

    def __init__(self, handle: Callable[[Line], Any], server: Any, outlets: dict[str, Outlet]) -> None:
        self._handle = handle
        self._limit: int = server.max_http_buffer_size
        self._outlets = outlets
        self._reads = 0
        self._frames = 0
        self._waiting: Iterator[Frame] = iter(())
        self.client = handle.__self__  # type: ignore[attr-defined]  # a method of engineio.socket.Socket

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer the handshake, then serve the connection until it ends."""
        self._sock = environ[SOCKET]
        if not hasattr(self._sock, "_sock") or hasattr(self._sock, "cipher"):
            raise RuntimeError("the transport needs gevent's own socket without TLS; let the proxy in front end TLS")
        answer = _shake_hands(environ)
        write = start_response(f"{answer.status_code} {answer.reason_phrase}", list(answer.headers.raw_items()))
        if answer.status_code != SWITCHING_PROTOCOLS:
            if not self.client.connected:
                # Nobody will come back to this client; it would stay until its ping runs out.
                self.client.close(wait=False, abort=True)
            return [bytes(answer.body or b"")]
        write(b"")
        # The request's head has been read by the server: a second protocol carries the data, open from its beginning.
        self._protocol = ServerProtocol(state=State.OPEN, max_size=self._limit)
        self.outlet = Outlet(self._sock)
        del environ, start_response, answer, write  # thousands of idle connections would keep them
        try:
            self._handle(self)
        finally:
            if self._outlets.get(self.client.sid) is self.outlet:
                del self._outlets[self.client.sid]
            self.outlet.abort()
        return []

    # ── what Engine.IO's handler calls ────────────────────────────────────────────────────────────────────────────────

    def wait(self) -> str | bytes | None:
        """Read the next message; None when the connection has ended."""
        if self.client.upgraded and self.client.queue.line is None:
            self._attach()
        opcode, parts = None, []
        while (frame := self._next_frame()) is not None:
            if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
                opcode = frame.opcode
            elif frame.opcode is not Opcode.CONT:
                continue  # the protocol has answered a ping already
            parts.append(frame.data)
            if frame.fin:
                return self._message(opcode, b"".join(parts))
        return None

    def send(self, data: str) -> None:
        """Send a text; Engine.IO's handler does so once, to answer the probe of an upgrade."""
        self.outlet.post(text_frame(data))

    def close(self) -> None:
        """Do nothing: Engine.IO's writer says so when it ends, and that is when the WebSocket takes over."""

    # ── what the queue calls ──────────────────────────────────────────────────────────────────────────────────────────

    def send_packet(self, packet: Packet) -> None:
        """Send a packet of Engine.IO."""
        self.outlet.post(frame_of(packet))

    def finish(self) -> None:
        """Begin to close; a client that does not answer is cut off after some seconds."""
        if self.outlet.is_dead:
            return
        try:
            self._protocol.send_close(CloseCode.NORMAL_CLOSURE)
        except InvalidState:
            return  # the other side has begun
        self._pass_on()
        self._cut_later()

    # ── reading ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _attach(self) -> None:
        """Send what has gathered in the queue, and take its place."""
        self.client.queue.attach(self)
        self._outlets[self.client.sid] = self.outlet

    def _next_frame(self) -> Frame | None:
        """Get the next frame; None when the line is closed.

        After a fault the rest is read and thrown away: the closing frame with its reason must not be lost to a reset.
        """
        while True:
            frame = next(self._waiting, None)
            if frame is not None:
                self._frames += 1
                if self._frames % FRAMES_IN_A_ROW == 0:
                    gevent.sleep(0)
                return None if frame.opcode is Opcode.CLOSE else frame
            if self.outlet.is_dead:
                return None
            self._read()

    def _read(self) -> None:
        self._reads += 1
        if self._reads % READS_IN_A_ROW == 0:
            gevent.sleep(0)
        try:
            data = self._sock.recv(READ_AT_ONCE)
        except OSError:
            data = b""
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
            self.outlet.is_dead = True
        # Requests and responses come from a protocol that still shakes hands; this one began after that.
        self._waiting = cast("Iterator[Frame]", iter(self._protocol.events_received()))
        self._pass_on()

    def _message(self, opcode: Opcode | None, data: bytes) -> str | bytes | None:
        if opcode is Opcode.BINARY:
            return data
        try:
            return data.decode()
        except UnicodeDecodeError:
            self._protocol.fail(CloseCode.INVALID_DATA)
            self._pass_on()
            return self.wait()

    def _pass_on(self) -> None:
        """Send what the protocol wants to say by itself: pongs and closing frames; empty means that nothing follows."""
        self.outlet.takes = self._protocol.state is State.OPEN
        for data in self._protocol.data_to_send():
            if data:
                self.outlet.write(data)
            else:
                self.outlet.shut()
                self._cut_later()

    def _cut_later(self) -> None:
        gevent.spawn_later(CLOSING_SECONDS, self.outlet.abort)


def _shake_hands(environ: dict[str, Any]) -> Response:
    """Let a protocol that is thrown away afterwards say what the handshake deserves."""
    headers = Headers(
        (name.removeprefix("HTTP_").replace("_", "-"), value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    )
    method, version = environ["REQUEST_METHOD"], environ["SERVER_PROTOCOL"]
    return ServerProtocol().accept(Request(environ["PATH_INFO"], headers, method, version))
