"""Applications, the steps that they take, and what was decided at each."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.calendars.working_days import Deadline
from registry_core.db import Base, Id, Instant, enum_type


class ApplicationState(StrEnum):
    """Where an application stands. `returned` waits for its applicant, who sends it again or withdraws it."""

    OPEN = "open"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class StepState(StrEnum):
    """What has become of a step."""

    OPEN = "open"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class DecisionKind(StrEnum):
    """What can be decided; the last one by the applicant alone."""

    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    WITHDRAW = "withdraw"


OUTCOMES = {
    DecisionKind.APPROVE: StepState.APPROVED,
    DecisionKind.RETURN: StepState.RETURNED,
    DecisionKind.REJECT: StepState.REJECTED,
    DecisionKind.WITHDRAW: StepState.WITHDRAWN,
}


class Application(Base):
    """Something applied for, with the procedure that held when it was made: later changes of the rules leave it alone.

    What it is about is named by `subject_kind` and `subject_id`; the feature that it belongs to knows the table.
    `applicant_id` is whose application it is, `entered_by_id` who typed it in. `open_step_id` repeats the open step and
    a foreign key checks it at commit, so that an open application without its one open step cannot be stored.
    `is_open` is true or NULL: a foreign key is checked only where no column is NULL.
    """

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint("(is_open IS TRUE) = (state = 'open')", name="open_is_marked"),
        CheckConstraint("is_open IS NOT FALSE", name="open_or_null"),
        CheckConstraint("(open_step_id IS NOT NULL) = (state = 'open')", name="open_has_step"),
        CheckConstraint(
            "(closed_at IS NOT NULL) = (state IN ('approved', 'rejected', 'withdrawn'))", name="closed_has_time"
        ),
        CheckConstraint("round >= 1", name="rounds_from_one"),
        ForeignKeyConstraint(
            ["id", "open_step_id", "is_open"],
            ["step.application_id", "step.id", "step.is_open"],
            name="fk_application_open_step",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        UniqueConstraint("id", "is_open"),
        UniqueConstraint("id", "applicant_id", "entered_by_id"),
        Index(
            "uq_application_running",
            "procedure_code",
            "subject_kind",
            "subject_id",
            unique=True,
            postgresql_where=text("state IN ('open', 'returned')"),
        ),
        Index("ix_application_applicant_id_applied_at", "applicant_id", "applied_at"),
        Index("ix_application_entered_by_id", "entered_by_id"),
        Index("ix_application_subject_kind_subject_id", "subject_kind", "subject_id"),
        Index("ix_application_unit_id", "unit_id"),
    )

    id: Mapped[Id]
    procedure_code: Mapped[str] = mapped_column(String(60))
    procedure: Mapped[dict[str, Any]] = mapped_column(JSONB)
    pack_code: Mapped[str] = mapped_column(String(60))
    clause: Mapped[str] = mapped_column(Text)
    subject_kind: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[UUID]
    subject_label: Mapped[str] = mapped_column(String(200))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    # The units of a sending and a receiving side by these names, where two are concerned.
    sides: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    applicant_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    entered_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    round: Mapped[int] = mapped_column(default=1, server_default="1")
    state: Mapped[ApplicationState] = mapped_column(enum_type(ApplicationState, "state"))
    is_open: Mapped[bool | None]
    open_step_id: Mapped[UUID | None]
    applied_at: Mapped[Instant]
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def wait_at(self, step: Step) -> None:
        """Wait for a step to be decided."""
        self.state, self.is_open, self.open_step_id = ApplicationState.OPEN, True, step.id

    def hand_back(self) -> None:
        """Wait for the applicant."""
        self.state, self.is_open, self.open_step_id = ApplicationState.RETURNED, None, None

    def close(self, state: ApplicationState, at: datetime) -> None:
        """Be over, one way or another."""
        self.state, self.is_open, self.open_step_id, self.closed_at = state, None, None, at


class ApplicationRound(Base):
    """What was sent in: first, and anew after each return. Append-only: a trigger refuses UPDATE and DELETE."""

    __tablename__ = "application_round"
    __table_args__ = (CheckConstraint("number >= 1", name="numbered_from_one"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    entered_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    on_behalf_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[Instant]


class ApplicationEvidence(Base):
    """A file that was sent in with a round, and as which evidence. Append-only, as the round.

    `name` is that of the procedure's evidence; empty for what the applicant added beside it.
    """

    __tablename__ = "application_evidence"
    __table_args__ = (
        ForeignKeyConstraint(
            ["application_id", "round"],
            ["application_round.application_id", "application_round.number"],
            name="fk_application_evidence_round",
        ),
        CheckConstraint("place >= 0", name="placed"),
        Index("ix_application_evidence_file_id", "file_id"),
    )

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"), primary_key=True)
    place: Mapped[int]


class Step(Base):
    """One step that an application has reached: who decides it, where, and until which day.

    `role` and `body` are values of `access.models.Role` and `orgs.models.BodyKind`. `moved_from_id` is the unit that
    the procedure names when nobody there but the applicant could decide; the step was moved by rule. Without
    `working_days` no source sets a limit.
    """

    __tablename__ = "step"
    __table_args__ = (
        CheckConstraint("(is_open IS TRUE) = (state = 'open')", name="open_is_marked"),
        CheckConstraint("is_open IS NOT FALSE", name="open_or_null"),
        CheckConstraint("(decided_at IS NULL) = (state = 'open')", name="decided_has_time"),
        CheckConstraint("decided_at >= opened_at", name="decided_after_opened"),
        CheckConstraint(
            "(working_days = 0 AND due_on IS NULL AND NOT is_due_provisional)"
            " OR (working_days > 0 AND (due_on IS NULL) = is_due_provisional)",
            name="due_fits_limit",
        ),
        CheckConstraint("due_on > opened_on", name="due_after_opened"),
        CheckConstraint("position >= 0 AND round >= 1", name="placed"),
        CheckConstraint("moved_from_id <> unit_id", name="moved_elsewhere"),
        ForeignKeyConstraint(
            ["application_id", "is_open"],
            ["application.id", "application.is_open"],
            name="fk_step_open_application",
            deferrable=True,
            initially="DEFERRED",
        ),
        UniqueConstraint("application_id", "round", "position"),
        UniqueConstraint("application_id", "id"),
        UniqueConstraint("application_id", "id", "is_open"),
        Index("uq_step_open", "application_id", unique=True, postgresql_where=text("is_open")),
        Index("ix_step_unit_id_role", "unit_id", "role"),
        Index("ix_step_open_due_on", "due_on", postgresql_where=text("is_open")),
    )

    id: Mapped[Id]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    round: Mapped[int]
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(60))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    role: Mapped[str] = mapped_column(String(40))
    body: Mapped[str | None] = mapped_column(String(40))
    moved_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("org_unit.id"))
    working_days: Mapped[int]
    opened_at: Mapped[Instant]
    opened_on: Mapped[date]
    due_on: Mapped[date | None]
    is_due_provisional: Mapped[bool]
    escalated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    state: Mapped[StepState] = mapped_column(enum_type(StepState, "state"), default=StepState.OPEN)
    is_open: Mapped[bool | None] = mapped_column(default=True)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def be_due(self, deadline: Deadline) -> None:
        """Be due on another day: the calendar has changed."""
        self.due_on, self.is_due_provisional = deadline.due, deadline.is_provisional

    def escalate(self, at: datetime) -> None:
        """Be overdue, told once to the leader."""
        self.escalated_at = at

    def move(self, unit_id: UUID, role: str, body: str | None, *, named_id: UUID) -> None:
        """Be decided elsewhere from now on; `named_id` is the unit that the procedure names."""
        self.unit_id, self.role, self.body = unit_id, role, body
        self.moved_from_id = named_id if named_id != unit_id else None

    def decide(self, kind: DecisionKind, at: datetime) -> None:
        """Be decided, once."""
        self.state, self.is_open, self.decided_at = OUTCOMES[kind], None, at


class Decision(Base):
    """What somebody decided, and why. Append-only: a trigger refuses UPDATE and DELETE.

    Applicant and who entered are repeated from the application, kept equal by the foreign key, so that the database
    itself refuses a decision about one's own application. A withdrawal while the applicant was asked to correct belongs
    to no step.
    """

    __tablename__ = "decision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["application_id", "applicant_id", "entered_by_id"],
            ["application.id", "application.applicant_id", "application.entered_by_id"],
            name="fk_decision_application",
        ),
        ForeignKeyConstraint(
            ["application_id", "step_id"], ["step.application_id", "step.id"], name="fk_decision_step"
        ),
        CheckConstraint(
            "kind = 'withdraw' OR (by_id NOT IN (applicant_id, entered_by_id)"
            " AND (on_behalf_of_id IS NULL OR on_behalf_of_id NOT IN (applicant_id, entered_by_id)))",
            name="not_by_applicant",
        ),
        CheckConstraint("kind = 'withdraw' OR step_id IS NOT NULL", name="about_a_step"),
        CheckConstraint("kind NOT IN ('return', 'reject') OR btrim(reason) <> ''", name="refusal_has_reason"),
        CheckConstraint("on_behalf_of_id <> by_id", name="on_behalf_of_another"),
        UniqueConstraint("step_id"),
        Index(
            "uq_decision_final",
            "application_id",
            unique=True,
            postgresql_where=text("kind IN ('reject', 'withdraw')"),
        ),
        Index("ix_decision_application_id", "application_id"),
        Index("ix_decision_by_id", "by_id"),
    )

    id: Mapped[Id]
    application_id: Mapped[UUID]
    applicant_id: Mapped[UUID]
    entered_by_id: Mapped[UUID]
    step_id: Mapped[UUID | None]
    kind: Mapped[DecisionKind] = mapped_column(enum_type(DecisionKind, "kind"))
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    # What the last decider filled in for the effect of the approval: the code of a school, by name.
    answers: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    on_behalf_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[Instant]
