"""Conversations, who takes part, what was said, and how far each has got."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type

LONGEST_MESSAGE = 4000
"""Characters. Longer texts are refused with advice, not cut."""
LONGEST_CLIENT_ID = 64
"""Characters. Browsers send a UUID of 36."""
LONGEST_QUOTE = 500
"""Characters of the message replied to that somebody may choose."""
QUOTE_STORED = 600
"""Characters: a quote that begins or ends within a number of a person holds the whole number, to be covered whole."""


class MessageKind(StrEnum):
    """Who speaks: a person, or the house telling what happened."""

    TEXT = "text"
    NOTE = "note"


class Conversation(Base):
    """A thread of messages numbered 1, 2, 3 … without gaps; the counter's row lock gives the order."""

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint("last_number >= 0", name="counts_up"),
        CheckConstraint("last_change >= 0", name="changes_count_up"),
    )

    id: Mapped[Id]
    last_number: Mapped[int] = mapped_column(default=0, server_default="0")
    last_change: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many changes were made to messages that stood there already; numbered as the messages are."""
    created_at: Mapped[Instant]
    moved_in: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """The transaction that changed it last; the cursor over all conversations stands on it (docs/protocol.md)."""
    last_speaker_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    """Who said something last; notes of the house do not count."""


class Participant(Base):
    """A person in a conversation, and up to which number it was delivered to and read by them."""

    __tablename__ = "participant"
    __table_args__ = (
        CheckConstraint("0 <= read_up_to AND read_up_to <= delivered_up_to", name="read_after_delivered"),
        Index("ix_participant_account_id", "account_id"),
    )

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    joined_at: Mapped[Instant]
    left_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    delivered_up_to: Mapped[int] = mapped_column(default=0, server_default="0")
    read_up_to: Mapped[int] = mapped_column(default=0, server_default="0")
    is_owner: Mapped[bool] = mapped_column(default=False, server_default="false")
    is_muted: Mapped[bool] = mapped_column(default=False, server_default="false")
    moved_in: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """The transaction that changed it last, as in `Conversation`."""


class Message(Base):
    """One message. The sender's own `client_id` makes sending twice store once."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "number"),
        UniqueConstraint("conversation_id", "sender_id", "client_id"),
        CheckConstraint("number > 0", name="numbered_from_one"),
        CheckConstraint("(kind = 'note') = (sender_id IS NULL)", name="text_has_sender"),
        CheckConstraint("(sender_id IS NULL) = (client_id IS NULL)", name="sender_has_client_id"),
        CheckConstraint(
            f"CASE WHEN taken_back_at IS NULL THEN char_length(body) BETWEEN 1 AND {LONGEST_MESSAGE}"
            " ELSE body = '' END",
            name="body_length",
        ),
        ForeignKeyConstraint(["conversation_id", "reply_to"], ["message.conversation_id", "message.number"]),
        CheckConstraint("reply_to < number", name="replies_to_earlier"),
        CheckConstraint("(reply_to IS NULL) = (quote IS NULL)", name="reply_has_quote"),
        CheckConstraint(f"char_length(quote) <= {QUOTE_STORED}", name="quote_length"),
        CheckConstraint("recalled_at IS NULL OR taken_back_at IS NOT NULL", name="recalled_is_taken_back"),
        Index("ix_message_calls_all", "conversation_id", "number", postgresql_where=text("mentions_all")),
        Index("ix_message_changed", "conversation_id", "change", postgresql_where=text("change > 0")),
    )

    id: Mapped[Id]
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    number: Mapped[int]
    sender_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    client_id: Mapped[str | None] = mapped_column(String(LONGEST_CLIENT_ID))
    kind: Mapped[MessageKind] = mapped_column(enum_type(MessageKind, "kind"))
    body: Mapped[str] = mapped_column(Text)
    """What it says now: earlier texts are in `MessageRevision`, and what was taken back says nothing any more."""
    sent_at: Mapped[Instant]
    change: Mapped[int] = mapped_column(server_default="0")
    """The change of its conversation that touched it last; 0 while it stands as it was sent."""
    edited_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    taken_back_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    recalled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when it is gone as posted in the wrong place (`chat.models.recalls`)."""
    reply_to: Mapped[int | None]
    """The number of the message that it answers."""
    quote: Mapped[str | None] = mapped_column(Text)
    """What of that message is quoted, as it stood when this was sent."""
    mentions_all: Mapped[bool] = mapped_column(server_default="false")
    """Whether its sender, an owner of the group, calls everybody in it."""
