"""Live push: notices to open pages after commit, best effort. Truth stays in the tables.

The process that starts up installs how it reaches the sockets: the web process emits itself, the worker through Redis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core.db import after_commit

Emitter = Callable[[str, Mapping[str, Any], str, str | None], None]
"""Called with event name, payload, room, and whom to leave out: one socket by its id, or all in a room."""

_emitters: list[Emitter] = []


def install_emitter(emit: Emitter) -> None:
    """Lay down how this process reaches open sockets."""
    _emitters[:] = [emit]


def push(
    session: Session, room: str, event: str, payload: Mapping[str, Any] | None = None, *, skip: str | None = None
) -> None:
    """Push an event to a room once the transaction has committed."""
    after_commit(session, lambda: emit(room, event, payload, skip=skip))


def emit(room: str, event: str, payload: Mapping[str, Any] | None = None, *, skip: str | None = None) -> None:
    """Push at once; only for what no transaction carries, such as a typing sign."""
    for send in _emitters:
        send(event, payload or {}, room, skip)


def account_room(account_id: UUID) -> str:
    """Name the room of everything that one person has open."""
    return f"account:{account_id}"
