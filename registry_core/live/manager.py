"""Broadcasts: encoded once for a room, one frame, one write for each member."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import gevent
from engineio.packet import MESSAGE, Packet
from gevent.lock import BoundedSemaphore
from socketio import Manager
from socketio.packet import EVENT

from registry_core.live.frames import frame_of
from registry_core.live.outlet import Outlet

SLICE = 1_000
"""Members that are written to before others have their turn: about 9 ms."""


class DirectManager(Manager):  # type: ignore[misc]  # socketio comes without types
    """Socket.IO's manager of one process, writing straight to the lines that the transport has open.

    Who polls is served through Engine.IO's queue, and what has an acknowledgement or binary parts by the library.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outlets: dict[str, Outlet] = {}
        """Of Engine.IO's clients that have a WebSocket open."""
        self._turns = Turns()
        self._gathered: list[Outlet] | None = None

    def emit(self, event: str, data: Any, namespace: str | None = None, room: Any = None, **options: Any) -> None:
        """Send an event to a client, a room, several rooms, or (room None) to all.

        Options as of the library: `to` is another name for `room`, `skip_sid` one or several to leave out, `callback`.
        Left out are clients by their id or, as on Node, all that are in a room.
        """
        namespace = namespace or "/"
        if namespace not in self.rooms:
            return
        room = options.pop("to", None) or room
        text = None if options.get("callback") else self._encode(event, data, namespace)
        if text is None:
            super().emit(event, data, namespace, room=room, **options)
            return
        left_out = self._left_out(namespace, options.get("skip_sid"))
        packet = Packet(MESSAGE, text)
        frame = frame_of(packet)
        members = [pair for pair in self.get_participants(namespace, room) if pair[0] not in left_out]
        with self._turns.of(room, is_long=len(members) > SLICE):
            for start in range(0, len(members), SLICE):
                if start:
                    gevent.sleep(0)
                self._write(members[start : start + SLICE], packet, frame)

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Keep what is emitted until the end of the block: what goes to one line then goes in one write."""
        if self._gathered is not None:
            yield
            return
        gathered = self._gathered = []
        try:
            yield
        finally:
            self._gathered = None
            for outlet in gathered:
                outlet.release()

    def _left_out(self, namespace: str, skipped: Any) -> set[str]:
        """Name who is left out; each client is in a room of its own id, so an id and a room read alike."""
        names = skipped if isinstance(skipped, list) else [skipped]
        rooms = self.rooms[namespace]
        return {sid for name in names if name for sid in rooms.get(name, ())}

    def _encode(self, event: str, data: Any, namespace: str) -> str | None:
        values = list(data) if isinstance(data, tuple) else [] if data is None else [data]
        encoded = self.server.packet_class(EVENT, namespace=namespace, data=[event, *values]).encode()
        return encoded if isinstance(encoded, str) else None

    def _write(self, members: Sequence[tuple[str, str]], packet: Packet, frame: bytes) -> None:
        find, gathered = self.outlets.get, self._gathered
        for _sid, client_sid in members:
            outlet = find(client_sid)
            if outlet is None:
                self.server._send_eio_packet(client_sid, packet)  # noqa: SLF001 - as the library's manager does
            elif gathered is None:
                outlet.post(frame)
            elif outlet.hold(frame):
                gathered.append(outlet)


class Turns:
    """Keeps the order of a room whose broadcasts take several slices; rooms that take one never wait."""

    def __init__(self) -> None:
        self._locks: dict[Any, BoundedSemaphore] = {}
        self._using: Counter[Any] = Counter()

    @contextmanager
    def of(self, room: Any, *, is_long: bool) -> Iterator[None]:
        """Hold the room for one broadcast."""
        name = tuple(room) if isinstance(room, list) else room
        if not is_long and name not in self._locks:
            yield
            return
        lock = self._locks.setdefault(name, BoundedSemaphore())
        self._using[name] += 1
        try:
            with lock:
                yield
        finally:
            self._using[name] -= 1
            if not self._using[name]:
                del self._using[name], self._locks[name]
