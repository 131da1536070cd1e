"""Incidents: opened by the feature in which something went wrong, handled and closed by the administrators."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type

LONGEST_WORDS = 2000


class IncidentKind(StrEnum):
    """What happened."""

    MISPLACED_MESSAGE = "misplaced_message"


class IncidentState(StrEnum):
    """How far it has come."""

    OPEN = "open"
    HANDLED = "handled"
    CLOSED = "closed"


class Incident(Base):
    """One incident at a unit. `details` are figures and kinds from which the page makes its words, never personal data.

    Numbered anew each year. It is never removed (migration 0031).
    """

    __tablename__ = "incident"
    __table_args__ = (
        UniqueConstraint("year", "number"),
        CheckConstraint("number > 0", name="numbered_from_one"),
        CheckConstraint("reached >= 0", name="reached_counts"),
        CheckConstraint("(state <> 'open') = (handled_at IS NOT NULL)", name="handled_has_time"),
        CheckConstraint(
            "(handled_at IS NULL) = (handled_by_id IS NULL) AND (handled_at IS NULL) = (measures IS NULL)",
            name="handled_whole",
        ),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        CheckConstraint(
            "(closed_at IS NULL) = (closed_by_id IS NULL) AND (closed_at IS NULL) = (conclusion IS NULL)",
            name="closed_whole",
        ),
        Index("ix_incident_unit_id", "unit_id", "opened_at"),
    )

    id: Mapped[Id]
    year: Mapped[int]
    number: Mapped[int]
    kind: Mapped[IncidentKind] = mapped_column(enum_type(IncidentKind, "kind"))
    state: Mapped[IncidentState] = mapped_column(
        enum_type(IncidentState, "state"), default=IncidentState.OPEN, server_default="open"
    )
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    opened_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[Instant]
    caused_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    """Whose doing it was: this person does not close it."""
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reached: Mapped[int]
    """How many people it had reached by then."""
    handled_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    handled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    measures: Mapped[str | None] = mapped_column(Text)
    closed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    conclusion: Mapped[str | None] = mapped_column(Text)

    @property
    def label(self) -> str:
        """What people call it: year and number."""
        return f"{self.year}-{self.number:04}"

    def handle(self, by_id: UUID, measures: str, at: datetime) -> None:
        """Write down what was done."""
        self.state, self.handled_by_id, self.handled_at, self.measures = IncidentState.HANDLED, by_id, at, measures

    def close(self, by_id: UUID, conclusion: str, at: datetime) -> None:
        """Close it with a conclusion."""
        self.state, self.closed_by_id, self.closed_at, self.conclusion = IncidentState.CLOSED, by_id, at, conclusion
