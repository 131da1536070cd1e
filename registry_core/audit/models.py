"""The audit trail: entries that nobody changes, and where each of their chains ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, LargeBinary, SmallInteger, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Instant


class AuditEntry(Base):
    """Who did what to what. Refers to nothing by foreign key: it outlives whatever it tells of.

    Triggers refuse UPDATE, DELETE and TRUNCATE (migration 0009).
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint("number > 0", name="numbered_from_one"),
        CheckConstraint("octet_length(hash) = 32 AND octet_length(previous_hash) = 32", name="hashes_whole"),
        Index("ix_audit_entry_at", "at", "chain", "number"),
        Index("ix_audit_entry_account_id", "account_id", "at"),
        Index("ix_audit_entry_object", "kind", "object_id", "at"),
        Index("ix_audit_entry_unit_id", "unit_id", "at"),
    )

    chain: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[Instant]
    act: Mapped[str] = mapped_column(String(80))
    account_id: Mapped[UUID | None]
    on_behalf_of: Mapped[UUID | None]
    address: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(300))
    browser_session_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str | None] = mapped_column(String(100))
    unit_id: Mapped[UUID | None]
    label: Mapped[str] = mapped_column(String(200))
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class AuditHead(Base):
    """Where a chain ends. Whoever appends locks the row; a trigger lets it only grow."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("length >= 0", name="counts_up"),)

    chain: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    length: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    moved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
