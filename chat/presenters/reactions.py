"""What pages and sockets show beside messages: reactions, pins, and one's own marks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chat.presenters.numbers import say_body
from chat.queries import Line
from chat.queries.numbers import list_readable
from chat.queries.reactions import Reaction, list_pins, read_pinned, read_reactions, read_starred
from registry_core.access.actors import Actor

SHOWN_OF_A_PIN = 120
NOTHING_OWN: Mapping[str, Any] = {"reactions": [], "is_starred": False}
"""What is one's own of a message that was stored this moment."""


@dataclass(frozen=True, slots=True)
class ReactionView:
    """One emoji under a message, and in words who has set it."""

    emoji: str
    count: int
    is_mine: bool
    words: str


@dataclass(frozen=True, slots=True)
class PinView:
    """A message on top of its conversation; `body` as who looks may read it, cut to a line."""

    number: int
    body: str
    sender_name: str
    pinned_by: str
    pinned_at: datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside messages, by message; `starred` is None where it is for a room and not for one person."""

    reactions: Mapping[UUID, tuple[Reaction, ...]] = field(default_factory=dict)
    pinned: Collection[UUID] = frozenset()
    starred: Collection[UUID] | None = None

    def views(self, line: Line) -> tuple[ReactionView, ...]:
        """Present the reactions to a message."""
        return tuple(
            ReactionView(one.emoji, one.count, one.is_mine, name_people(one)) for one in self.reactions.get(line.id, ())
        )

    def is_starred(self, line: Line) -> bool:
        """Say whether who looks has marked a message."""
        return self.starred is not None and line.id in self.starred

    def packet(self, line: Line) -> dict[str, Any]:
        """Give the fields of a message as it travels over the socket."""
        set_here = self.reactions.get(line.id, ())
        own = {"reactions": [one.emoji for one in set_here if one.is_mine], "is_starred": self.is_starred(line)}
        return {
            "reactions": [{"emoji": one.emoji, "count": one.count, "names": list(one.names)} for one in set_here],
            "is_pinned": line.id in self.pinned,
            "own": None if self.starred is None else own,
        }


def read_beside(session: Session, actor: Actor | None, lines: Sequence[Line]) -> Beside:
    """Read what stands beside messages, for the actor or, without one, for a room."""
    said = [line for line in lines if line.taken_back_at is None and line.sender_id is not None]
    # Reactions and pins are changes: whatever was never changed has none, and is not asked for.
    changed = [line.id for line in said if line.change]
    account_id = actor.account_id if actor else None
    return Beside(
        read_reactions(session, changed, account_id),
        read_pinned(session, changed),
        read_starred(session, account_id, [line.id for line in said]) if account_id else None,
    )


def view_pins(session: Session, actor: Actor, conversation_id: UUID) -> tuple[PinView, ...]:
    """Present what is pinned, the latest first; for a caller that has checked the right."""
    pins = list_pins(session, conversation_id)
    readable = list_readable(session, actor, [pin.line for pin in pins])
    return tuple(
        PinView(
            pin.line.number,
            say_body(pin.line.body, pin.line.sender_id, readable)[:SHOWN_OF_A_PIN],
            pin.line.sender_name or "",
            pin.pinned_by,
            pin.pinned_at,
        )
        for pin in pins
    )


def name_people(reaction: Reaction) -> str:
    """Say who has set a reaction: the first by name, of many how many they are."""
    names = _("、").join(reaction.names)
    if reaction.count > len(reaction.names):
        return _("%(names)s等 %(count)s 人", names=names, count=reaction.count)
    return names
