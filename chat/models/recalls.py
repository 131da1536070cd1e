"""Messages posted in the wrong place: reported, recalled, and whom they had reached by then."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type

LONGEST_REASON = 200


class Recall(Base):
    """A message that was recalled: by whom and why, and the incident where there was a person's data in it.

    The database lets nobody change or remove it.
    """

    __tablename__ = "recall"
    __table_args__ = (CheckConstraint("has_personal = (incident_id IS NOT NULL)", name="personal_has_incident"),)

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"), index=True)
    """The sender's unit at that moment."""
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[Instant]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    has_personal: Mapped[bool]
    incident_id: Mapped[UUID | None] = mapped_column(ForeignKey("incident.id"), unique=True)


class RecallReach(Base):
    """Somebody whom a recalled message had reached, as it stood at that moment; never changed either."""

    __tablename__ = "recall_reach"
    __table_args__ = (
        CheckConstraint("is_delivered OR NOT is_read", name="read_after_delivered"),
        CheckConstraint("opened >= 0", name="opened_counts"),
    )

    message_id: Mapped[UUID] = mapped_column(ForeignKey("recall.message_id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    is_delivered: Mapped[bool]
    is_read: Mapped[bool]
    opened: Mapped[int]
    """How many times they had opened or saved one of its files."""
    has_revealed: Mapped[bool]
    """Whether they had looked at its covered numbers."""
    told_by: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    """The ways by which word of it, without its text, had gone out to them."""


class ReportState(StrEnum):
    """What became of a report."""

    OPEN = "open"
    RECALLED = "recalled"
    DISMISSED = "dismissed"


class MisplacedReport(Base):
    """Word from a reader that a message stands in the wrong place, put before the administrators of its sender."""

    __tablename__ = "misplaced_report"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_has_time"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by_somebody"),
        Index("uq_misplaced_report_open", "message_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_misplaced_report_unit_id", "unit_id", "at"),
    )

    id: Mapped[Id]
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[Instant]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    state: Mapped[ReportState] = mapped_column(
        enum_type(ReportState, "state"), default=ReportState.OPEN, server_default="open"
    )
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def decide(self, state: ReportState, by_id: UUID, at: datetime) -> None:
        """Write down what became of it."""
        self.state, self.decided_by_id, self.decided_at = state, by_id, at
