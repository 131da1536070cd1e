"""What was done with messages after they were sent; the record keeps what they said before."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Instant, enum_type


class RevisionAct(StrEnum):
    """What became of the text that a message had."""

    EDIT = "edit"
    TAKE_BACK = "take_back"


class MessageRevision(Base):
    """A text that a message had, until whom and when; the database lets nobody change or remove it."""

    __tablename__ = "message_revision"
    __table_args__ = (Index("ix_message_revision_message_id", "message_id"),)

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    change: Mapped[int] = mapped_column(primary_key=True)
    """The number of the change in its conversation."""
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    act: Mapped[RevisionAct] = mapped_column(enum_type(RevisionAct, "act"))
    body: Mapped[str] = mapped_column(Text)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[Instant]
