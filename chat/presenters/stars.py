"""What the page of one's marked messages shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from chat.policies import accesses_to, names_of
from chat.presenters.conversations import initials
from chat.presenters.dress import levels_of
from chat.presenters.numbers import say_body
from chat.queries.numbers import list_readable
from chat.queries.stars import Starred
from registry_core.access.actors import Actor

SHOWN = 200


@dataclass(frozen=True, slots=True)
class StarredRow:
    """A marked message, as a row that opens its conversation at its place."""

    url: str
    conversation_id: UUID
    number: int
    conversation_name: str
    sender_name: str
    initials: str
    level: str
    at: datetime
    body: str


def view_starred(session: Session, actor: Actor, starred: tuple[Starred, ...]) -> tuple[StarredRow, ...]:
    """Present one page of marked messages; one whose conversation was closed to the actor this moment is left out."""
    lines = [one.line for one in starred]
    ids = list(dict.fromkeys(line.conversation_id for line in lines))
    accesses = dict(zip(ids, accesses_to(session, [(actor, one) for one in ids]), strict=True))
    names = names_of(session, actor, ids)
    senders = {line.sender_id for line in lines if line.sender_id}
    levels = levels_of(session, senders) if senders else {}
    readable = list_readable(session, actor, lines)
    return tuple(
        StarredRow(
            f"{accesses[line.conversation_id].page}?at={line.number}",
            line.conversation_id,
            line.number,
            names.get(line.conversation_id, ""),
            line.sender_name or "",
            initials(line.sender_name or ""),
            levels[line.sender_id].value if line.sender_id in levels else "",
            line.sent_at,
            # Covered before it is cut: half a number would be none, and stand there.
            say_body(line.body, line.sender_id, readable)[:SHOWN],
        )
        for line in lines
        if accesses[line.conversation_id].may_read
    )
