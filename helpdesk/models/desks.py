"""Desks, their hours and members, and who is on duty."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant


class Desk(Base):
    """The support desk of a unit; a unit has at most one."""

    __tablename__ = "desk"
    __table_args__ = (
        UniqueConstraint("unit_id"),
        CheckConstraint("ring_seconds BETWEEN 5 AND 300", name="ring_seconds_sensible"),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    name: Mapped[str] = mapped_column(String(80))
    switched_on: Mapped[bool] = mapped_column(default=True, server_default="true")
    ring_seconds: Mapped[int] = mapped_column(default=20, server_default="20")
    created_at: Mapped[Instant]


class DeskHours(Base):
    """One opening of a desk on a weekday (1 Monday … 7 Sunday, China time); a desk without rows is always open."""

    __tablename__ = "desk_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday_iso"),
        CheckConstraint("opens < closes", name="opens_before_closes"),
    )

    desk_id: Mapped[UUID] = mapped_column(ForeignKey("desk.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)
    opens: Mapped[time] = mapped_column(primary_key=True)
    closes: Mapped[time]


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
