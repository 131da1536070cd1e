"""What became of units: renamed, closed, merged, given a code, one by one or by a list from above."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type


class ChangeKind(StrEnum):
    """What can become of a unit."""

    OPENED = "opened"
    RENAMED = "renamed"
    MOVED = "moved"
    CODE_GIVEN = "code_given"
    MERGED = "merged"
    """Went over into another school, which is named."""
    TOOK_IN = "took_in"
    """Another school, which is named, went over into this one."""
    CLOSED = "closed"


class UnitChange(Base):
    """One thing that became of a unit on a day; a line of its history, never changed."""

    __tablename__ = "unit_change"
    __table_args__ = (
        Index("ix_unit_change_unit_id", "unit_id", "done_at"),
        CheckConstraint("(kind IN ('merged', 'took_in')) = (other_unit_id IS NOT NULL)", name="merged_with_another"),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    kind: Mapped[ChangeKind] = mapped_column(enum_type(ChangeKind, "kind"))
    on: Mapped[date]
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    other_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("org_unit.id"))
    reason: Mapped[str] = mapped_column(String(200))
    list_id: Mapped[UUID | None] = mapped_column(ForeignKey("code_list.id"))
    done_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    done_at: Mapped[Instant]


class CodeList(Base):
    """A list of schools and their codes from above: checked, shown, then applied whole or not at all."""

    __tablename__ = "code_list"
    __table_args__ = (
        Index("ix_code_list_unit_id", "unit_id", "checked_at"),
        CheckConstraint("(applied_at IS NULL) = (applied_by_id IS NULL)", name="applied_by_somebody"),
        CheckConstraint("(applied_at IS NULL) = (outcome IS NULL)", name="applied_with_outcome"),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    """The list names every school with a code in this unit and below."""
    file_name: Mapped[str] = mapped_column(String(200))
    rows: Mapped[list[list[str]]] = mapped_column(JSONB)
    """Code, name and county of each row."""
    checked_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    checked_at: Mapped[Instant]
    applied_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    applied_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """How many of each kind of change it made."""

    def apply(self, by: UUID, at: datetime, outcome: dict[str, int]) -> None:
        """Have been applied."""
        self.applied_by_id, self.applied_at, self.outcome = by, at, outcome
