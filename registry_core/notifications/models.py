"""Notices that wait for a person in the bell."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant


class Notice(Base):
    """One line in somebody's bell; `kind` and `details` make the words in the reader's language."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_account_id_created_at", "account_id", "created_at"),
        Index("ix_notice_unread", "account_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notice_unread_created_at", "created_at", postgresql_where=text("read_at IS NULL")),
        Index("uq_notice_account_id_source", "account_id", "source", unique=True),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(60))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    url: Mapped[str] = mapped_column(String(300))
    # What caused it (event name and subject): a reaction that runs twice leaves one notice.
    source: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Instant]
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
