"""Texts of undertakings, who has signed them, and the purposes that were stated."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant


class UndertakingText(Base):
    """One text as somebody has signed it, kept word by word: a pack may say something else tomorrow. Never changed."""

    __tablename__ = "undertaking_text"
    __table_args__ = (CheckConstraint("cardinality(text) > 0", name="says_something"),)

    id: Mapped[Id]
    text_hash: Mapped[str] = mapped_column(String(64), unique=True)
    version: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(100))
    text: Mapped[list[str]] = mapped_column(ARRAY(Text))
    pack_code: Mapped[str] = mapped_column(String(60))
    kept_at: Mapped[Instant]


class Undertaking(Base):
    """Somebody's promise: which text, where they worked then, when. Never changed."""

    __tablename__ = "undertaking"
    __table_args__ = (
        UniqueConstraint("account_id", "text_id"),
        Index("ix_undertaking_text_id", "text_id"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    text_id: Mapped[UUID] = mapped_column(ForeignKey("undertaking_text.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    signed_at: Mapped[Instant]


class PurposeStatement(Base):
    """What somebody said they look at personal data for, from the closed list of the rule pack. Never changed.

    The name stands here as it was read: the list may change. A browser session that ends takes nothing along.
    """

    __tablename__ = "purpose_statement"
    __table_args__ = (Index("ix_purpose_statement_account_id", "account_id", "stated_at"),)

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    browser_session_id: Mapped[UUID | None]
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    pack_code: Mapped[str] = mapped_column(String(60))
    stated_at: Mapped[Instant]
