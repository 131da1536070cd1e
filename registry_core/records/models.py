"""Records of units and teachers, the history of their fields, and imports that wait to be applied."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type


class Entity(StrEnum):
    """What a record is about. Source: file 002, articles 7 and 8; a school's teachers are this project's own choice."""

    SUPERVISING_UNIT = "supervising_unit"
    SCHOOL = "school"
    KINDERGARTEN = "kindergarten"
    KG_TEACHER = "kg_teacher"
    SCHOOL_TEACHER = "school_teacher"


TEACHERS = frozenset({Entity.KG_TEACHER, Entity.SCHOOL_TEACHER})


class UnitRecord(Base):
    """The record of a unit, or of one of its teachers. `version` counts its changes, `gaps` what is still missing."""

    __tablename__ = "unit_record"
    __table_args__ = (
        Index(
            "uq_unit_record_unit_id_entity",
            "unit_id",
            "entity",
            unique=True,
            postgresql_where=text("entity NOT IN ('kg_teacher', 'school_teacher')"),
        ),
        Index("ix_unit_record_unit_id", "unit_id"),
        CheckConstraint("version > 0", name="version_counts_up"),
        CheckConstraint("gaps >= 0", name="gaps_counted"),
        CheckConstraint("left_at IS NULL OR entity IN ('kg_teacher', 'school_teacher')", name="only_teachers_leave"),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    entity: Mapped[Entity] = mapped_column(enum_type(Entity, "entity"))
    values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    gaps: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant]
    left_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def take(self, values: dict[str, Any], *, gaps: int, at: datetime) -> None:
        """Have other values from an instant on; the version moves by one."""
        self.values = values
        self.gaps = gaps
        self.version += 1
        self.changed_at = at

    def leave(self, at: datetime) -> None:
        """Belong to somebody who is no longer at the unit; what was recorded stays."""
        self.left_at = at


class RecordChange(Base):
    """What one field of a record was and became, by whom and when. Never changed."""

    __tablename__ = "record_change"
    __table_args__ = (
        UniqueConstraint("record_id", "version", "field"),
        CheckConstraint("old IS DISTINCT FROM new", name="is_a_change"),
        Index("ix_record_change_record_id_field", "record_id", "field"),
    )

    id: Mapped[Id]
    record_id: Mapped[UUID] = mapped_column(ForeignKey("unit_record.id"))
    version: Mapped[int] = mapped_column(Integer)
    field: Mapped[str] = mapped_column(String(60))
    old: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    new: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    changed_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[Instant]


class RecordImport(Base):
    """A file that was checked and found sound, until whoever uploaded it applies it.

    `rows`: a list of mappings with `row` (its number in the file), `unit_id`, `record_id` (None for one that the row
    begins), `version` and `values`.
    """

    __tablename__ = "record_import"
    __table_args__ = (
        CheckConstraint("applied_at >= created_at", name="applied_after_checked"),
        Index("ix_record_import_account_id", "account_id"),
    )

    id: Mapped[Id]
    entity: Mapped[Entity] = mapped_column(enum_type(Entity, "entity"))
    file_name: Mapped[str] = mapped_column(String(200))
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[Instant]
    applied_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def apply(self, at: datetime) -> None:
        """Be done; it is not applied twice."""
        self.applied_at = at
