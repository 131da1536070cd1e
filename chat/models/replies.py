"""Who is called by name in a message."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base

MOST_MENTIONS = 20
"""People called by name in one message; an owner calls everybody in a group at once."""


class MessageMention(Base):
    """Somebody called in a message, under the name that stands in its text."""

    __tablename__ = "message_mention"
    __table_args__ = (
        ForeignKeyConstraint(["conversation_id", "number"], ["message.conversation_id", "message.number"]),
        Index("ix_message_mention_account_id", "account_id", "conversation_id", "number"),
    )

    conversation_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
