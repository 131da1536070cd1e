"""Reads of conversations, limited to what the actor may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from chat import policies
from chat.errors import ConversationNotFound
from chat.models import Conversation, Message, MessageKind, Participant
from registry_core.access.actors import Actor
from registry_core.accounts.models import Account

PAGE = 200
"""Messages handed out at once; a client that is told of more asks again."""


@dataclass(frozen=True, slots=True)
class Line:
    """A message with its sender's name."""

    id: UUID
    conversation_id: UUID
    number: int
    kind: MessageKind
    body: str
    sent_at: datetime
    sender_id: UUID | None
    client_id: str | None
    sender_name: str | None
    change: int = 0
    edited_at: datetime | None = None
    taken_back_at: datetime | None = None
    reply_to: int | None = None
    quote: str | None = None
    mentions_all: bool = False
    recalled_at: datetime | None = None

    @classmethod
    def of(cls, message: Message, sender_name: str) -> Line:
        """Make the line of a message that was just sent, or found again because it was sent before."""
        return cls(
            message.id,
            message.conversation_id,
            message.number,
            message.kind,
            message.body,
            message.sent_at,
            message.sender_id,
            message.client_id,
            sender_name,
            message.change or 0,
            message.edited_at,
            message.taken_back_at,
            message.reply_to,
            message.quote,
            message.mentions_all or False,
            message.recalled_at,
        )

    def saying(self, body: str) -> Line:
        """Give the same message with another text: one that it had."""
        return replace(self, body=body)


@dataclass(frozen=True, slots=True)
class Page:
    """Messages in order, the conversation's last number, and whether more follow."""

    lines: tuple[Line, ...]
    last_number: int

    @property
    def more(self) -> bool:
        """Say whether messages follow after the last of this page."""
        return bool(self.lines) and self.lines[-1].number < self.last_number


def get_access(session: Session, actor: Actor, conversation_id: UUID) -> policies.Access:
    """Say what the actor may do in a conversation.

    Raises ConversationNotFound where it is not theirs to read.
    """
    access = policies.access_to(session, actor, conversation_id)
    if not access.may_read:
        raise ConversationNotFound
    return access


def select_lines() -> Select[*tuple[Any, ...]]:
    """Select the columns of `Line`."""
    return select(
        Message.id,
        Message.conversation_id,
        Message.number,
        Message.kind,
        Message.body,
        Message.sent_at,
        Message.sender_id,
        Message.client_id,
        Account.name,
        Message.change,
        Message.edited_at,
        Message.taken_back_at,
        Message.reply_to,
        Message.quote,
        Message.mentions_all,
        Message.recalled_at,
    ).outerjoin(Account, Account.id == Message.sender_id)


def list_messages(session: Session, actor: Actor, conversation_id: UUID, *, after: int = 0) -> Page:
    """List what came after a number, at most `PAGE` messages.

    Raises ConversationNotFound.
    """
    get_access(session, actor, conversation_id)
    return read_messages(session, conversation_id, after=after)


def read_messages(session: Session, conversation_id: UUID, *, after: int = 0) -> Page:
    """List what came after a number, for a caller that has checked the right."""
    last = session.scalar(select(Conversation.last_number).where(Conversation.id == conversation_id)) or 0
    rows = session.execute(
        select_lines()
        .where(Message.conversation_id == conversation_id, Message.number > after, Message.number <= last)
        .order_by(Message.number)
        .limit(PAGE)
    )
    return Page(tuple(Line(*row) for row in rows), last)


def read_recent(session: Session, conversation_id: UUID) -> Page:
    """List the last `PAGE` messages, for a caller that has checked the right."""
    last = session.scalar(select(Conversation.last_number).where(Conversation.id == conversation_id)) or 0
    return read_messages(session, conversation_id, after=max(0, last - PAGE))


def read_around(session: Session, conversation_id: UUID, number: int) -> Page:
    """List `PAGE` messages with the one of a number in their middle, for a caller that has checked the right."""
    last = session.scalar(select(Conversation.last_number).where(Conversation.id == conversation_id)) or 0
    return read_messages(session, conversation_id, after=max(0, min(number - PAGE // 2, last - PAGE)))


def find_number_at(session: Session, actor: Actor, conversation_id: UUID, at: datetime) -> int:
    """Find the first message from an instant on, the last where nothing was said since; for a jump to a date.

    Raises ConversationNotFound.
    """
    get_access(session, actor, conversation_id)
    number = session.scalar(
        select(func.min(Message.number)).where(Message.conversation_id == conversation_id, Message.sent_at >= at)
    )
    last = select(Conversation.last_number).where(Conversation.id == conversation_id)
    return number or session.scalar(last) or 0


def read_marks(session: Session, conversation_id: UUID) -> dict[UUID, tuple[int, int]]:
    """Say for each participant up to which number messages were delivered and read."""
    rows = session.execute(
        select(Participant.account_id, Participant.delivered_up_to, Participant.read_up_to).where(
            Participant.conversation_id == conversation_id
        )
    )
    return {account_id: (delivered, read) for account_id, delivered, read in rows}


def count_unread(session: Session, account_id: UUID, conversation_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Count the messages of others that an account has not read, for each conversation given."""
    rows = session.execute(
        select(Message.conversation_id, func.count())
        .join(
            Participant,
            (Participant.conversation_id == Message.conversation_id) & (Participant.account_id == account_id),
        )
        .where(
            Message.conversation_id.in_(conversation_ids),
            Message.number > Participant.read_up_to,
            Message.sender_id.is_not(None),
            Message.sender_id != account_id,
        )
        .group_by(Message.conversation_id)
    )
    return dict(rows.all())
