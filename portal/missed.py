"""Finds what was stored and never pushed to the pages of this process, and has these pages ask for it.

A push leaves after commit. It is lost when the process is killed in between, and while Redis is away it reaches nobody
who sits at another process. The numbers heal that with the next message; the last one would never come.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from chat.queries.progress import Moved, Progress, read_moved, read_oldest_under_way, read_progress
from portal.reached import HINT, Reached
from registry_core.db import transaction
from registry_core.live import account_room

ROOMS = "conversation:"
ACCOUNT_ROOMS = account_room(UUID(int=0)).removesuffix(str(UUID(int=0)))
SLICES = 4
"""The lists of so large a part of the people here are looked at each time: all of them every 20 s."""


class Missed:
    """Compares what is stored with what was pushed, conversation by conversation that is open here."""

    def __init__(self, server: Any, sessions: sessionmaker[Session]) -> None:
        self._server = server
        self._sessions = sessions
        self._stored: dict[UUID, Progress] = {}
        self._told: dict[UUID, Progress] = {}

    def look(self) -> None:
        """Tell the pages of each conversation whose last message or change stood there at the last look, unpushed."""
        reached: Reached | None = getattr(self._server.manager, "reached", None)
        rooms = self._rooms()
        if reached is None:  # one process without Redis loses nothing between processes
            return
        closed = {*reached.numbers, *reached.changes} - {str(each) for each in rooms}
        reached.forget(closed)
        if not rooms:
            return
        with transaction(self._sessions) as session:
            stored = read_progress(session, rooms)
        for conversation_id, progress in stored.items():
            got = self._got(reached, conversation_id, progress)
            # What is new since the last look has until the next one to arrive.
            if self._stored.get(conversation_id) == progress and not progress.is_within(got):
                self._told[conversation_id] = progress
                for room in rooms[conversation_id]:
                    tell(self._server, room, str(conversation_id))
        self._stored = stored
        self._told = {each: told for each, told in self._told.items() if each in stored}

    def _got(self, reached: Reached, conversation_id: UUID, stored: Progress) -> Progress:
        """Say what the pages have: what was pushed, or told to who joined, or told by an earlier look."""
        key = str(conversation_id)
        told = self._told.setdefault(
            conversation_id,
            Progress(reached.numbers.get(key, stored.number), reached.changes.get(key, stored.change)),
        )
        return told.joined(Progress(reached.numbers.get(key, 0), reached.changes.get(key, 0)))

    def _rooms(self) -> dict[UUID, list[str]]:
        rooms: dict[UUID, list[str]] = {}
        for room in rooms_of(self._server, ROOMS):
            rooms.setdefault(UUID(room.split(":")[1]), []).append(room)
        return rooms


class MissedNews:
    """Finds conversations of people here that have moved without a hint to their lists; they need not be open.

    The rows say in which transaction they moved last (`moved_in`), hints say when they passed and, for a message, its
    number. What moved since the last look and of which nothing was heard, or not its last number, is told. To tell in
    vain does no harm: the page asks once more by its cursor.
    """

    def __init__(self, server: Any, sessions: sessionmaker[Session]) -> None:
        self._server = server
        self._sessions = sessions
        self._turn = 0
        self._looked: dict[int, tuple[float, int]] = {}

    def look(self) -> None:
        """Look at the lists of a part of the people."""
        reached: Reached | None = getattr(self._server.manager, "reached", None)
        if reached is None:
            return
        self._turn = (self._turn + 1) % SLICES
        everybody = (UUID(room.removeprefix(ACCOUNT_ROOMS)) for room in rooms_of(self._server, ACCOUNT_ROOMS))
        people = [account_id for account_id in everybody if account_id.int % SLICES == self._turn]
        now = time.monotonic()
        before = self._looked.get(self._turn)
        with transaction(self._sessions) as session:
            oldest = read_oldest_under_way(session)
            moved = read_moved(session, people, since=before[1]) if before and people else []
        self._looked[self._turn] = (now, oldest)
        if before:
            for one in self._unheard(reached, moved, before[0]):
                tell(self._server, account_room(one.account_id), str(one.conversation_id))
        reached.forget_hints(min(at for at, _oldest in self._looked.values()))

    def _unheard(self, reached: Reached, moved: Iterable[Moved], since: float) -> Iterator[Moved]:
        for one in moved:
            key = str(one.conversation_id)
            rooms = (account_room(one.account_id), f"group:{key}:{one.epoch}")
            hints = [hint for room in rooms if (hint := reached.hints.get((room, key))) and hint[0] >= since]
            number = max((number for _at, number in hints), default=0)
            if not hints or 0 < number < one.last_number:
                yield one


def rooms_of(server: Any, beginning: str) -> list[str]:
    """Name the rooms of this process that begin with a word."""
    rooms = list(server.manager.rooms.get("/", ()))
    return [room for room in rooms if isinstance(room, str) and room.startswith(beginning)]


def tell(server: Any, room: str, conversation_id: str) -> None:
    """Have the pages here ask anew for all of a conversation."""
    hint = {"conversation_id": conversation_id, "what": "members", "sender_id": None, "number": None}
    server.emit(HINT, hint, room=room, ignore_queue=True)
