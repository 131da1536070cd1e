"""What people set beside messages: reactions for everybody, pins for the conversation, stars for themselves."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Instant

LONGEST_EMOJI = 16
"""Code points; the longest sequence that is shipped has eight (`chat.emoji`)."""
MOST_REACTIONS = 20
"""Different emoji on one message: more is no answer but a wall."""
MOST_PINS = 20
"""Messages pinned in one conversation: where all is on top, nothing is."""


class MessageReaction(Base):
    """An emoji that somebody has set under a message; each one once."""

    __tablename__ = "message_reaction"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    emoji: Mapped[str] = mapped_column(String(LONGEST_EMOJI), primary_key=True)
    at: Mapped[Instant]


class MessagePin(Base):
    """A message that stands on top of its conversation, and who has put it there."""

    __tablename__ = "message_pin"
    __table_args__ = (Index("ix_message_pin_conversation_id", "conversation_id", "at"),)

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[Instant]


class MessageStar(Base):
    """A message that somebody has marked for themselves; nobody else is told."""

    __tablename__ = "message_star"
    __table_args__ = (
        Index("ix_message_star_latest", "account_id", "at", "message_id"),
        Index("ix_message_star_message_id", "message_id"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    at: Mapped[Instant]
