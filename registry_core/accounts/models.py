"""Accounts and the browser sessions that they have open."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant


class Account(Base):
    """Somebody who signs in. Personal data: name, mobile and e-mail are `personal`, the hash is `sensitive`."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("failed_attempts >= 0", name="failed_attempts_counted"),
        Index("uq_account_user_name", text("lower(user_name)"), unique=True),
    )

    id: Mapped[Id]
    user_name: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(60))
    mobile: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(10), default="zh_Hans", server_default="zh_Hans")
    password_hash: Mapped[str] = mapped_column(String(200))
    password_changed_at: Mapped[Instant]
    failed_attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    locked_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    is_demonstration: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[Instant]


class BrowserSession(Base):
    """One signed-in browser. The cookie carries a random token; only its SHA-256 stands here."""

    __tablename__ = "browser_session"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at >= created_at", name="ends_after_start"),
        Index("ix_browser_session_account_id", "account_id"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[Instant]
    seen_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    browser: Mapped[str] = mapped_column(String(300))
