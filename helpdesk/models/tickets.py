"""Questions, the desk that answers for each, the record that the asker leaves, and every step on the way."""

from __future__ import annotations

from datetime import datetime
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
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type


class TicketState(StrEnum):
    """Where a question stands."""

    RINGING = "ringing"
    WAITING = "waiting"
    TALKING = "talking"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Channel(StrEnum):
    """How the question came in. Source: file 003 annex 2, articles 5 (4) and 6 (2).

    At the door somebody asks who cannot sign in: a guest, whose identity the desk checks.
    """

    LIVE = "live"
    PHONE = "phone"
    EMAIL = "email"
    DOOR = "door"


class Urgency(StrEnum):
    """How urgent the asker says it is."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Ticket(Base):
    """One question from its first message to its confirmed answer.

    `may_climb` says how far the search for a technician may go: only the desk in custody, or all the way up from it.
    `search_from` is when the present search began: who let it ring out since then is not rung again unless they have
    come back. `custody_desk_id` repeats the open custody and a foreign key checks it at commit, so that an open ticket
    without exactly one custodian cannot be stored. `custody_open` is true, and NULL once the ticket is closed: a
    foreign key is checked only where no column is NULL.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint("state NOT IN ('talking') OR handler_id IS NOT NULL", name="talking_has_handler"),
        CheckConstraint("state NOT IN ('ringing', 'waiting') OR handler_id IS NULL", name="searching_has_no_handler"),
        CheckConstraint("(state IN ('resolved', 'closed')) = (resolved_at IS NOT NULL)", name="resolved_has_time"),
        CheckConstraint("(resolved_at IS NULL) = (resolution IS NULL)", name="resolved_has_text"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        CheckConstraint("(custody_open IS TRUE) = (state <> 'closed')", name="open_has_custody"),
        ForeignKeyConstraint(
            ["id", "custody_desk_id", "custody_open"],
            ["custody.ticket_id", "custody.desk_id", "custody.is_open"],
            name="fk_ticket_custody",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        UniqueConstraint("conversation_id"),
        UniqueConstraint("requester_id", "client_id"),
        Index("ix_ticket_requester_id_asked_at", "requester_id", "asked_at"),
        Index("ix_ticket_handler_id", "handler_id", postgresql_where=text("state = 'talking'")),
        Index("ix_ticket_waiting", "custody_desk_id", "asked_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_ticket_custody_desk_id_state", "custody_desk_id", "state"),
        Index("ix_ticket_unit_id", "unit_id"),
    )

    id: Mapped[Id]
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    requester_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    # The asker's own id for the question: a form sent twice makes one question.
    client_id: Mapped[str] = mapped_column(String(64))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    role: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(80))
    channel: Mapped[Channel] = mapped_column(enum_type(Channel, "channel"), default=Channel.LIVE)
    caller: Mapped[str] = mapped_column(String(80), default="", server_default="")
    page: Mapped[str] = mapped_column(String(300), default="", server_default="")
    browser: Mapped[str] = mapped_column(String(300), default="", server_default="")
    state: Mapped[TicketState] = mapped_column(enum_type(TicketState, "state"))
    custody_desk_id: Mapped[UUID] = mapped_column(ForeignKey("desk.id"))
    custody_open: Mapped[bool | None] = mapped_column(default=True)
    handler_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    may_climb: Mapped[bool] = mapped_column(default=False, server_default="false")
    search_from: Mapped[Instant]
    prefer_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    steps: Mapped[int] = mapped_column(default=0, server_default="0")
    asked_at: Mapped[Instant]
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    resolution: Mapped[str | None] = mapped_column(Text)
    resolved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    resolved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class CustodyReason(StrEnum):
    """Why a desk took a question into its custody."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    PASSED_UP = "passed_up"
    RETURNED = "returned"


class Custody(Base):
    """Which desk answers for a question, from-until; periods of one question never overlap and one is open.

    `is_open` is true or NULL, never false: the unique key that the ticket refers to then binds the open row alone.
    """

    __tablename__ = "custody"
    __table_args__ = (
        CheckConstraint("(until IS NULL) = (is_open IS TRUE)", name="open_has_no_end"),
        CheckConstraint("is_open IS NOT FALSE", name="open_or_null"),
        CheckConstraint("until IS NULL OR until >= since", name="ends_after_start"),
        UniqueConstraint("ticket_id", "desk_id", "is_open", name="uq_custody_open_desk"),
        Index("uq_custody_open", "ticket_id", unique=True, postgresql_where=text("is_open")),
        ExcludeConstraint(
            ("ticket_id", "="),
            (text("tstzrange(since, until)"), "&&"),
            name="ex_custody_no_overlap",
            using="gist",
        ),
        Index("ix_custody_desk_id", "desk_id"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    desk_id: Mapped[UUID] = mapped_column(ForeignKey("desk.id"))
    reason: Mapped[CustodyReason] = mapped_column(enum_type(CustodyReason, "reason"))
    is_open: Mapped[bool | None] = mapped_column(default=True)
    since: Mapped[Instant]
    until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def end(self, at: datetime) -> None:
        """Hand the question on at an instant."""
        self.is_open = None
        self.until = at


class ProblemRecord(Base):
    """The template that opens when nobody is there: what the asker tried, where, since when, whom it touches.

    Source: file 003 annex 2, article 16 (2). Opened by the search, submitted by the asker, or left as it is.
    """

    __tablename__ = "problem_record"
    __table_args__ = (CheckConstraint("pupils IS NULL OR pupils >= 0", name="pupils_counted"),)

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    tried: Mapped[str] = mapped_column(Text, default="", server_default="")
    place: Mapped[str] = mapped_column(String(300), default="", server_default="")
    happened: Mapped[str] = mapped_column(Text, default="", server_default="")
    since: Mapped[str] = mapped_column(String(100), default="", server_default="")
    pupils: Mapped[int | None]
    urgency: Mapped[Urgency] = mapped_column(enum_type(Urgency, "urgency"), default=Urgency.NORMAL)
    reach: Mapped[str] = mapped_column(String(200), default="", server_default="")
    opened_at: Mapped[Instant]
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class StepKind(StrEnum):
    """What happened to a question; each kind has its sentence in `helpdesk.presenters`."""

    ASKED = "asked"
    RECORDED = "recorded"
    IDENTITY_CHECKED = "identity_checked"
    RANG = "rang"
    DECLINED = "declined"
    RANG_OUT = "rang_out"
    WITHDRAWN = "withdrawn"
    LEVEL_PASSED = "level_passed"
    RECORD_OPENED = "record_opened"
    RECORD_SUBMITTED = "record_submitted"
    WAITS = "waits"
    ACCEPTED = "accepted"
    TAKEN = "taken"
    PASSED_UP = "passed_up"
    RETURNED = "returned"
    RELEASED = "released"
    RESOLVED = "resolved"
    CONFIRMED = "confirmed"
    REOPENED = "reopened"


class TicketStep(Base):
    """One step on the way of a question. Append-only: a trigger refuses UPDATE and DELETE."""

    __tablename__ = "ticket_step"
    __table_args__ = (
        UniqueConstraint("ticket_id", "number"),
        CheckConstraint("number > 0", name="numbered_from_one"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    number: Mapped[int]
    kind: Mapped[StepKind] = mapped_column(enum_type(StepKind, "kind"))
    at: Mapped[Instant]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    desk_id: Mapped[UUID | None] = mapped_column(ForeignKey("desk.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
