"""Desks with their hours and members, and who is on duty."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant

LONGEST_HOURS = 600
CLOSED = "none"


class Desk(Base):
    """The support desk of a unit; a unit has at most one."""

    __tablename__ = "desk"
    __table_args__ = (
        UniqueConstraint("unit_id"),
        CheckConstraint("ring_seconds BETWEEN 5 AND 300", name="ring_seconds_sensible"),
        CheckConstraint("holiday_slots <> ''", name="holiday_slots_written"),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    name: Mapped[str] = mapped_column(String(80))
    switched_on: Mapped[bool] = mapped_column(default=True, server_default="true")
    ring_seconds: Mapped[int] = mapped_column(default=20, server_default="20")
    weekly_slots: Mapped[str] = mapped_column(String(LONGEST_HOURS), default="", server_default="")
    """`mon-fri 08:30-12:00,14:00-17:30`, China time (registry_core.calendars.hours_text); empty: open at all times."""
    works_on_makeup_days: Mapped[bool] = mapped_column(default=True, server_default="true")
    """Whether a weekend day worked in exchange for a holiday (调休) is a second Monday here."""
    holiday_slots: Mapped[str] = mapped_column(String(LONGEST_HOURS), default=CLOSED, server_default=CLOSED)
    """When somebody is on call on public holidays: `09:00-12:00`, or `none`."""
    created_at: Mapped[Instant]


class DeskMember(Base):
    """Somebody who answers at a desk; counts only while the role at the desk's unit is in force."""

    __tablename__ = "desk_member"
    __table_args__ = (Index("ix_desk_member_account_id", "account_id"),)

    desk_id: Mapped[UUID] = mapped_column(ForeignKey("desk.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    joined_at: Mapped[Instant]


class Duty(Base):
    """Whether a technician takes questions now, how many at once, and since when they are there and idle.

    `there_since` moves when the person starts accepting or comes back after having been gone: a question that they let
    ring out before may ring for them again after that. Being connected itself stands in Redis and is never stored.
    """

    __tablename__ = "duty"
    __table_args__ = (CheckConstraint("capacity BETWEEN 1 AND 50", name="capacity_sensible"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    accepting: Mapped[bool] = mapped_column(default=False, server_default="false")
    capacity: Mapped[int] = mapped_column(default=5, server_default="5")
    there_since: Mapped[Instant]
    idle_since: Mapped[Instant]
    changed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
