"""What stands unsent in somebody's box."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from chat.models.channel import LONGEST_MESSAGE, LONGEST_QUOTE
from registry_core.db import Base, Instant


class Draft(Base):
    """What somebody has written in a conversation and not sent, the same on all of their devices.

    An empty one stays as a row: something older that another device still holds must not come back.
    """

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint(f"char_length(body) <= {LONGEST_MESSAGE}", name="body_length"),
        CheckConstraint("body <> '' OR reply_to IS NULL", name="empty_is_empty"),
        CheckConstraint("quote IS NULL OR reply_to IS NOT NULL", name="quote_of_something"),
        Index("ix_draft_conversation_id", "conversation_id"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    reply_to: Mapped[int | None]
    quote: Mapped[str | None] = mapped_column(String(LONGEST_QUOTE))
    written_at: Mapped[Instant]
    version: Mapped[int]
    """How often it was written; who holds another than the last has an old one."""
