"""Finds messages that were stored and never pushed to the pages of this process, and has these pages ask for them.

A push leaves after commit. It is lost when the process is killed in between, and while Redis is away it reaches nobody
who sits at another process. The numbers heal that with the next message; the last one would never come.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from chat.queries.progress import read_last_numbers
from registry_core.db import transaction

ROOMS = "conversation:"
HINT = "conversations:changed"


class Missed:
    """Compares what is stored with what was pushed, conversation by conversation that is open here."""

    def __init__(self, server: Any, sessions: sessionmaker[Session]) -> None:
        self._server = server
        self._sessions = sessions
        self._stored: dict[UUID, int] = {}
        self._told: dict[UUID, int] = {}

    def look(self) -> None:
        """Tell the pages of each conversation whose last message has been stored since the last look, unpushed."""
        pushed: dict[str, int] | None = getattr(self._server.manager, "pushed", None)
        rooms = self._rooms()
        if not rooms or pushed is None:  # one process without Redis loses nothing between processes
            return
        with transaction(self._sessions) as session:
            stored = read_last_numbers(session, rooms)
        for conversation_id, number in stored.items():
            reached = pushed.get(str(conversation_id))
            # Whoever opened it has asked; what is stored since then has until the next look to arrive.
            told = self._told.setdefault(conversation_id, number if reached is None else reached)
            if self._stored.get(conversation_id) == number > max(told, reached or 0):
                self._told[conversation_id] = number
                self._tell(conversation_id, rooms[conversation_id])
        self._stored = stored
        self._told = {each: self._told[each] for each in stored}
        for each in pushed.keys() - {str(one) for one in stored}:
            pushed.pop(each, None)

    def _rooms(self) -> dict[UUID, list[str]]:
        rooms: dict[UUID, list[str]] = {}
        for room in list(self._server.manager.rooms.get("/", ())):
            if isinstance(room, str) and room.startswith(ROOMS):
                rooms.setdefault(UUID(room.split(":")[1]), []).append(room)
        return rooms

    def _tell(self, conversation_id: UUID, rooms: list[str]) -> None:
        hint = {"conversation_id": str(conversation_id), "what": "members", "sender_id": None}
        for room in rooms:
            self._server.emit(HINT, hint, room=room, ignore_queue=True)
