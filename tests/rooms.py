"""A bare Flask-SocketIO room server on gevent that keeps nothing, with the direct transport or the library's own.

It answers the commands of tests/benchmarks/node/room_server.mjs, and some more for the tests: echo, sizes, being sent
away. tests/room_server.py runs it.
"""

from __future__ import annotations

import gc
import sys
from typing import Any
from uuid import uuid4

import gevent
import psutil
from flask import Flask
from flask_socketio import SocketIO
from gevent.pywsgi import WSGIServer

from portal import wire
from portal.live_queue import LiveQueue
from portal.serving import listen
from registry_core import clock
from registry_core.live import driver
from registry_core.live.manager import DirectManager
from registry_core.live.transport import Handler

LARGEST_FRAME = 1_000_000
PING_SECONDS = 5.0
ALIVE = "alive"


class RoomServer:
    """Rooms with numbered messages in memory."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.numbers: dict[str, int] = {}
        self.names: dict[str, str] = {}
        server.on("connect", self.connect)
        server.on("disconnect", self.disconnect)
        server.on("conversation:join", self.join)
        server.on("message:send", self.send)
        server.on("presence:beat", self.beat)
        server.on("echo", self.echo)
        server.on("kick", self.kick)
        server.on("broadcast", self.broadcast)
        server.on("count", self.count)
        server.on("weigh", self.weigh)

    def connect(self, sid: str, _environ: Any, auth: Any = None) -> None:
        """Take anybody."""
        self.names[sid] = (auth or {}).get("name", "")

    def disconnect(self, sid: str, _reason: str = "") -> None:
        """Forget."""
        self.names.pop(sid, None)

    def join(self, sid: str, sent: dict[str, Any]) -> dict[str, Any]:
        """Enter a room."""
        room = sent["conversation_id"]
        self.server.enter_room(sid, room)
        self.server.enter_room(sid, ALIVE)
        last = self.numbers.get(room, 0)
        return {"ok": True, "messages": [], "last_number": last, "more": False, "marks": {}, "may_write": True}

    def send(self, sid: str, sent: dict[str, Any]) -> dict[str, Any]:
        """Number a message, pass it on, acknowledge it."""
        room = sent["conversation_id"]
        number = self.numbers[room] = self.numbers.get(room, 0) + 1
        name = self.names[sid]
        message = {
            "id": str(uuid4()),
            "conversation_id": room,
            "number": number,
            "kind": "text",
            "body": sent["body"],
            "at": clock.now().isoformat(),
            "sender_id": sid,
            "sender_name": name,
            "initials": name[-2:],
            "level": "county",
            "client_id": sent["client_id"],
        }
        self.server.emit("message:new", message, room=room, skip_sid=sid)
        return {"ok": True, "message": message}

    def beat(self, _sid: str, _nothing: Any = None) -> None:
        """Take a sign of life."""

    def echo(self, _sid: str, value: Any) -> Any:
        """Give back what came."""
        return value

    def kick(self, sid: str) -> None:
        """Send somebody away."""
        gevent.spawn(self.server.disconnect, sid)

    def broadcast(self, _sid: str, sent: dict[str, Any]) -> dict[str, Any]:
        """Send so many numbered events of a size to a room, as fast as it goes; binary where that is asked for."""
        filling = "x" * sent["size"]
        for number in range(sent["times"]):
            data = filling.encode() if sent.get("binary") else {"number": number, "filling": filling}
            self.server.emit("filled", data, room=sent["room"])
        return {"ok": True}

    def count(self, _sid: str, _nothing: Any = None) -> dict[str, int]:
        """Say how many are connected, to Engine.IO and to the transport."""
        return {"clients": len(self.server.eio.sockets), "lines": len(self.server.manager.outlets)}

    def weigh(self, _sid: str, _nothing: Any = None) -> dict[str, int]:
        """Say how much memory the process holds."""
        gc.collect()
        return {"memory_kb": psutil.Process().memory_info().rss // 1024}


def main(port: int, transport: str, redis_url: str | None) -> None:
    """Serve for ever."""
    app = Flask(__name__)
    socketio = SocketIO(
        app,
        async_mode="gevent",
        async_handlers=False,
        manage_session=False,
        json=wire,
        max_http_buffer_size=LARGEST_FRAME,
        ping_interval=float(PING_SECONDS * 5),
        client_manager=LiveQueue(redis_url) if redis_url else DirectManager(),
    )
    server = socketio.server  # type: ignore[attr-defined]  # the stubs leave the server out
    if transport == "direct" and not driver.install(server):
        sys.exit("the direct transport does not fit the libraries that are installed")
    RoomServer(server)
    gevent.spawn(ask_for_life, server)
    WSGIServer(listen("127.0.0.1", port), app, log=None, handler_class=Handler).serve_forever()


def ask_for_life(server: Any) -> None:
    """Ask everybody for a sign of life every few seconds."""
    while True:
        gevent.sleep(PING_SECONDS)
        server.emit("presence:ping", {}, room=ALIVE)
