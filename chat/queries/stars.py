"""Reads of the messages that somebody has marked for themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_, union_all
from sqlalchemy.orm import Session

from chat import policies
from chat.models import Message, MessageStar
from chat.queries.messages import Line, select_lines
from registry_core.access.actors import Actor

STARRED_AT_ONCE = 20

Place = tuple[datetime, UUID]
"""Where a page ends: when its last message was marked, and its id."""


@dataclass(frozen=True, slots=True)
class Starred:
    """A message that the actor has marked, and when."""

    line: Line
    at: datetime


@dataclass(frozen=True, slots=True)
class Stars:
    """One page of them, the latest marked first; `after` is where the next begins, None where nothing more follows."""

    starred: tuple[Starred, ...]
    after: Place | None


def list_stars(session: Session, actor: Actor, *, before: Place | None = None) -> Stars:
    """List what the actor has marked, of the conversations that they may read at this moment."""
    readable = union_all(*policies.readable_by(session, actor)).subquery("readable")
    query = (
        select_lines()
        .join(MessageStar, MessageStar.message_id == Message.id)
        .add_columns(MessageStar.at)
        .where(MessageStar.account_id == actor.account_id, Message.conversation_id.in_(select(readable.c[0])))
    )
    if before is not None:
        query = query.where(tuple_(MessageStar.at, MessageStar.message_id) < tuple_(*before))
    latest = query.order_by(MessageStar.at.desc(), MessageStar.message_id.desc())
    rows = session.execute(latest.limit(STARRED_AT_ONCE + 1)).all()
    found = [Starred(Line(*row[:-1]), row[-1]) for row in rows[:STARRED_AT_ONCE]]
    after = (found[-1].at, found[-1].line.id) if len(rows) > STARRED_AT_ONCE else None
    return Stars(tuple(found), after)
