"""Reads of what was done with messages: what has changed since, what a message said before, within which time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chat.errors import MessageNotFound
from chat.models import Conversation, Message, MessageRevision, RevisionAct
from chat.queries.messages import PAGE, Line, get_access, select_lines
from chat.queries.people import messaging_rules
from registry_core.access.actors import Actor


@dataclass(frozen=True, slots=True)
class Changes:
    """Messages as they stand now that were changed after a number, in the order of their last changes."""

    lines: tuple[Line, ...]
    last_change: int
    more: bool


@dataclass(frozen=True, slots=True)
class Times:
    """How long after sending somebody may still edit a message, and take it back."""

    edit: timedelta
    take_back: timedelta


@dataclass(frozen=True, slots=True)
class EarlierText:
    """What a message said until it was edited."""

    body: str
    until: datetime


def read_last_change(session: Session, conversation_id: UUID) -> int:
    """Say how many changes were made, for a caller that has checked the right."""
    return session.scalar(select(Conversation.last_change).where(Conversation.id == conversation_id)) or 0


def read_changes(session: Session, conversation_id: UUID, *, after: int | None) -> Changes:
    """List messages that were changed after a change, at most `PAGE`, for a caller that has checked the right.

    Without a number there are none to list, and only how many changes were made is said.
    """
    # The counter first: what is changed in between is told at once and may be told again, but never left out.
    last = read_last_change(session, conversation_id)
    if after is None or after >= last:
        return Changes((), last, more=False)
    rows = session.execute(
        select_lines()
        .where(Message.conversation_id == conversation_id, Message.change > after)
        .order_by(Message.change)
        .limit(PAGE + 1)
    ).all()
    return Changes(tuple(Line(*row) for row in rows[:PAGE]), last, more=len(rows) > PAGE)


def read_line(session: Session, message_id: UUID) -> Line:
    """Read one message, for a caller that has checked the right."""
    return Line(*session.execute(select_lines().where(Message.id == message_id)).one())


def list_earlier_texts(
    session: Session, actor: Actor, conversation_id: UUID, number: int
) -> tuple[Line, Sequence[EarlierText]]:
    """Read a message and list what it said before it was edited, the oldest first; nothing of one taken back.

    Raises ConversationNotFound, MessageNotFound.
    """
    get_access(session, actor, conversation_id)
    row = session.execute(
        select_lines().where(Message.conversation_id == conversation_id, Message.number == number)
    ).first()
    if row is None:
        raise MessageNotFound
    line = Line(*row)
    if line.taken_back_at is not None:
        return line, []
    rows = session.execute(
        select(MessageRevision.body, MessageRevision.at)
        .where(MessageRevision.message_id == line.id, MessageRevision.act == RevisionAct.EDIT)
        .order_by(MessageRevision.change)
    )
    return line, [EarlierText(*row) for row in rows]


def times_of(session: Session, actor: Actor) -> Times:
    """Say how long somebody may edit and take back, by the rule of the unit nearest to the ground."""
    if actor.home is None:
        return Times(timedelta(0), timedelta(0))
    rules = messaging_rules(session, actor.home.unit_id)
    return Times(timedelta(minutes=rules.edit_minutes), timedelta(minutes=rules.take_back_minutes))
