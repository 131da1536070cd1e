"""Records of units and teachers, the history of their fields, changes that wait for their check, and imports."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.access.models import Role
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
    """The record of a unit, or of one of its teachers. `version` counts its changes, `gaps` what is still missing.

    A record of version 1 holds nothing yet: its first change waits for a check, or was never accepted.
    """

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

    @property
    def is_begun(self) -> bool:
        """Say whether anything about it has ever taken effect."""
        return self.version > 1

    def leave(self, at: datetime) -> None:
        """Belong to somebody who is no longer at the unit; what was recorded stays."""
        self.left_at = at


class RecordChange(Base):
    """What one field of a record was and became, who entered it, who checked it, and when. Never changed.

    `checked_by_id` is empty where the rules ask for no check.
    """

    __tablename__ = "record_change"
    __table_args__ = (
        UniqueConstraint("record_id", "version", "field"),
        CheckConstraint("old IS DISTINCT FROM new", name="is_a_change"),
        CheckConstraint("checked_by_id <> changed_by_id", name="checked_by_another"),
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
    checked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class EntryAct(StrEnum):
    """What takes effect when an entered change is accepted."""

    SAVE = "save"
    LEAVE = "leave"


class EntryState(StrEnum):
    """Where an entered change stands."""

    WAITING = "waiting"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


OPEN_ENTRIES = frozenset({EntryState.WAITING, EntryState.RETURNED})
_IS_OPEN = text("state IN ('waiting', 'returned')")


class EnteredChange(Base):
    """A change of a record that takes effect when somebody else has checked it (谁录入谁不核对).

    `old` and `new` are values by field: what the enterer saw, and what they want; `version` is that of the record then.
    `check_unit_id` and `check_role` say whose check it waits for; `named_unit_id` is the unit that should check, where
    another stands in for it. `revision` counts how often it was sent. Pack and clause are those that it was entered
    under. Source: file 002, article 18; file 003 annex 1 part 5 (1).
    """

    __tablename__ = "entered_change"
    __table_args__ = (
        CheckConstraint(
            "(state IN ('returned', 'accepted')) = (decided_by_id IS NOT NULL)", name="decided_by_somebody"
        ),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided_at_some_time"),
        CheckConstraint(
            "decided_by_id <> entered_by_id AND decided_by_id <> entered_for_id"
            " AND decided_for_id <> entered_by_id AND decided_for_id <> entered_for_id",
            name="checked_by_another",
        ),
        CheckConstraint("(state = 'returned') = (btrim(reason) <> '')", name="returned_with_reason"),
        CheckConstraint("revision > 0", name="revision_counts_up"),
        Index(
            "uq_entered_change_open",
            "record_id",
            "entered_by_id",
            text("coalesce(entered_for_id, entered_by_id)"),
            unique=True,
            postgresql_where=_IS_OPEN,
        ),
        Index("ix_entered_change_check", "check_unit_id", "check_role", postgresql_where=text("state = 'waiting'")),
        Index("ix_entered_change_entered_by_id", "entered_by_id", postgresql_where=_IS_OPEN),
        Index("ix_entered_change_record_id", "record_id"),
        Index("ix_entered_change_unit_id", "unit_id", postgresql_where=_IS_OPEN),
    )

    id: Mapped[Id]
    record_id: Mapped[UUID] = mapped_column(ForeignKey("unit_record.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    act: Mapped[EntryAct] = mapped_column(enum_type(EntryAct, "act"))
    old: Mapped[dict[str, Any]] = mapped_column(JSONB)
    new: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(Integer)
    state: Mapped[EntryState] = mapped_column(enum_type(EntryState, "state"))
    entered_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    entered_for_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[Instant]
    check_unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    check_role: Mapped[str] = mapped_column(String(40))
    named_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("org_unit.id"))
    pack_name: Mapped[str] = mapped_column(Text)
    clause: Mapped[str] = mapped_column(Text)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_for_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")

    @property
    def is_open(self) -> bool:
        """Say whether it has neither taken effect nor been given up."""
        return self.state in OPEN_ENTRIES

    @property
    def parties(self) -> frozenset[UUID]:
        """Name who entered it, and on whose behalf; none of them checks it."""
        return frozenset({self.entered_by_id, *([self.entered_for_id] if self.entered_for_id else [])})

    def send(self, at: datetime) -> None:
        """Wait for its check, again if it came back."""
        self.state, self.entered_at = EntryState.WAITING, at
        self.decided_by_id = self.decided_for_id = self.decided_at = None
        self.reason = ""
        self.revision = (self.revision or 0) + 1

    def decide(self, state: EntryState, at: datetime, *, by: tuple[UUID | None, UUID | None], reason: str = "") -> None:
        """Be accepted, returned or given up; `by` is who did so and on whose behalf."""
        self.state, self.decided_at, self.reason = state, at, reason
        self.decided_by_id, self.decided_for_id = by

    def wait_at(self, unit_id: UUID, role: Role, *, named_unit_id: UUID) -> None:
        """Wait for the check of a role at a unit, instead of the one that the rules name if they differ."""
        self.check_unit_id, self.check_role = unit_id, role.value
        self.named_unit_id = None if unit_id == named_unit_id else named_unit_id


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
