"""Reads of what people set beside messages, for a caller that has checked the right to read the messages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text, false, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased

from chat.models import Message, MessagePin, MessageReaction, MessageStar
from chat.queries.messages import Line, select_lines
from chat.queries.messenger import find_thread
from registry_core.access.actors import Actor
from registry_core.accounts.models import Account

NAMED = 5
"""People who are named with a reaction; of the others it is said how many they are."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """One emoji under a message: how many have set it, the names of the first, and whether who asks is among them."""

    emoji: str
    count: int
    names: tuple[str, ...]
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Pin:
    """A message on top of its conversation, who has put it there and when."""

    line: Line
    pinned_by: str
    pinned_at: datetime


def read_reactions(
    session: Session, message_ids: Collection[UUID], account_id: UUID | None
) -> dict[UUID, tuple[Reaction, ...]]:
    """Read the reactions to messages, each in the order in which somebody first set it."""
    if not message_ids:
        return {}
    names = func.array_agg(
        aggregate_order_by(Account.name, MessageReaction.at, MessageReaction.account_id), type_=ARRAY(Text)
    )
    mine = func.bool_or(MessageReaction.account_id == account_id) if account_id else false()
    rows = session.execute(
        select(MessageReaction.message_id, MessageReaction.emoji, func.count(), names[1:NAMED], mine)
        .join(Account, Account.id == MessageReaction.account_id)
        .where(MessageReaction.message_id.in_(message_ids))
        .group_by(MessageReaction.message_id, MessageReaction.emoji)
        .order_by(MessageReaction.message_id, func.min(MessageReaction.at), MessageReaction.emoji)
    )
    found: dict[UUID, tuple[Reaction, ...]] = {}
    for message_id, emoji, count, first, is_mine in rows:
        found[message_id] = (*found.get(message_id, ()), Reaction(emoji, count, tuple(first), is_mine=is_mine))
    return found


def read_pinned(session: Session, message_ids: Collection[UUID]) -> frozenset[UUID]:
    """Say which of these messages are pinned."""
    if not message_ids:
        return frozenset()
    return frozenset(session.scalars(select(MessagePin.message_id).where(MessagePin.message_id.in_(message_ids))))


def read_starred(session: Session, account_id: UUID, message_ids: Collection[UUID]) -> frozenset[UUID]:
    """Say which of these messages somebody has marked for themselves."""
    if not message_ids:
        return frozenset()
    query = select(MessageStar.message_id).where(MessageStar.account_id == account_id)
    return frozenset(session.scalars(query.where(MessageStar.message_id.in_(message_ids))))


def list_pins(session: Session, conversation_id: UUID) -> Sequence[Pin]:
    """List what is pinned in a conversation, the latest first."""
    pinner = aliased(Account)
    rows = session.execute(
        select_lines()
        .join(MessagePin, MessagePin.message_id == Message.id)
        .join(pinner, pinner.id == MessagePin.account_id)
        .add_columns(pinner.name, MessagePin.at)
        .where(MessagePin.conversation_id == conversation_id)
        .order_by(MessagePin.at.desc(), MessagePin.message_id.desc())
    )
    return [Pin(Line(*row[:-2]), *row[-2:]) for row in rows]


def may_pin(session: Session, actor: Actor, conversation_id: UUID, *, may_write: bool) -> bool:
    """Say whether the actor may pin: in a group its owners alone, elsewhere whoever may write."""
    if not may_write:
        return False
    thread = find_thread(session, actor, conversation_id)
    return thread is None or thread.is_direct or thread.owns(actor)
