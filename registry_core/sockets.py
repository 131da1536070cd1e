"""Socket commands: declared here by the features, bound to Socket.IO and permitted by `portal.sockets`.

A command takes a `Call` and a payload of a declared shape and returns what its acknowledgement carries. It runs inside
one transaction that the binder commits; a `DomainError` becomes an acknowledgement that tells the person what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid4

import msgspec
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.errors import DomainError
from registry_core.store import Redis

ALIVE_ROOM = f"alive:{uuid4().hex}"
"""The room of this process for people of whom others see whether they are there: `presence:ping` goes to it."""

SIGNED_OUT = "signed:out"
"""Told to the pages of a browser whose session has ended."""

RIGHTS_CHANGED = "rights:changed"
"""Told to the pages of a person who has gained or lost a role or a qualification."""


class Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a command carries. Unknown fields are refused: a misspelt one would otherwise be lost without a word."""


class Nothing(Payload, frozen=True):
    """The payload of a command that carries nothing."""


class Rooms(Protocol):
    """How a socket enters and leaves rooms."""

    def enter_room(self, sid: str, room: str) -> None:
        """Let the socket hear what is pushed to a room."""

    def leave_room(self, sid: str, room: str) -> None:
        """Let the socket hear no more of a room."""


@dataclass(frozen=True, slots=True)
class Call:
    """One command of one socket: who acts (loaded afresh), in which transaction, and from where."""

    session: Session
    actor: Actor
    name: str
    sid: str
    store: Redis
    rooms: Rooms

    def join(self, room: str) -> None:
        """Hear what is pushed to a room from now on."""
        self.rooms.enter_room(self.sid, room)

    def leave(self, room: str) -> None:
        """Hear no more of a room."""
        self.rooms.leave_room(self.sid, room)


@dataclass(frozen=True, slots=True)
class Departure:
    """A socket that has gone. The person may be signed out by now, so there is an id and no actor."""

    session: Session
    account_id: UUID
    sid: str
    store: Redis


Result = Mapping[str, Any]
Sent = TypeVar("Sent", bound=Payload)
Handler = Callable[[Call, Sent], Result]
Order = tuple[Call, Sent]
"""One command with its payload, among several that are done together."""
Together = Callable[[Sequence[Order[Sent]]], Sequence[Result | DomainError | None]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command by name, the shape of its payload, and what answers it.

    `together` is for what pages send all the time: it answers many in one transaction, each with a result or a refusal.
    None leaves a command to `handle`, as all others are: for what has to be done alone, and when a fault of one has
    undone the round for all.
    """

    name: str
    payload: type[Payload]
    handle: Callable[[Call, Any], Result]
    together: Callable[[Sequence[tuple[Call, Any]]], Sequence[Result | DomainError | None]] | None = None


_commands: dict[str, Command] = {}
_connect_hooks: list[Callable[[Call], None]] = []
_disconnect_hooks: list[Callable[[Departure], None]] = []


def command(
    name: str, payload: type[Sent], *, together: Together[Sent] | None = None
) -> Callable[[Handler[Sent]], Handler[Sent]]:
    """Declare a socket command; its permission stands in `portal/permissions.py` under the same name."""

    def declare(handle: Handler[Sent]) -> Handler[Sent]:
        if name in _commands:
            message = f"two socket commands are called {name}"
            raise RuntimeError(message)
        _commands[name] = Command(name, payload, handle, together)
        return handle

    return declare


def commands() -> Mapping[str, Command]:
    """Return every declared command by name."""
    return dict(_commands)


def on_connect(hook: Callable[[Call], None]) -> Callable[[Call], None]:
    """Run a function for each socket of a signed-in person, in the transaction of its connecting."""
    _connect_hooks.append(hook)
    return hook


def on_disconnect(hook: Callable[[Departure], None]) -> Callable[[Departure], None]:
    """Run a function for each socket that has gone, in a transaction of its own."""
    _disconnect_hooks.append(hook)
    return hook


def connect_hooks() -> tuple[Callable[[Call], None], ...]:
    """Return what runs when a socket connects."""
    return tuple(_connect_hooks)


def disconnect_hooks() -> tuple[Callable[[Departure], None], ...]:
    """Return what runs when a socket has gone."""
    return tuple(_disconnect_hooks)


def browser_room(browser_session_id: UUID) -> str:
    """Name the room of everything that one signed-in browser has open."""
    return f"browser:{browser_session_id}"
