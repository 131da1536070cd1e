"""The computers and addresses of a unit, and whether its registry business is limited to them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type


class RegisteredComputer(Base):
    """A browser on a computer of the unit. Its cookie carries a random token; only the SHA-256 stands here."""

    __tablename__ = "registered_computer"
    __table_args__ = (
        CheckConstraint("btrim(name) <> ''", name="name_not_blank"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by_somebody"),
        Index("ix_registered_computer_unit_id", "unit_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    name: Mapped[str] = mapped_column(String(60))
    room: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    browser: Mapped[str] = mapped_column(String(300))
    registered_at: Mapped[Instant]
    registered_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))

    def end(self, at: datetime, *, by: UUID) -> None:
        """Serve no more; what was done there stays on record."""
        self.ended_at = at
        self.ended_by_id = by


class RegisteredRange(Base):
    """Addresses of the unit, as a network in CIDR notation."""

    __tablename__ = "registered_range"
    __table_args__ = (
        CheckConstraint("btrim(name) <> ''", name="name_not_blank"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by_somebody"),
        Index(
            "uq_registered_range_unit_id_network",
            "unit_id",
            "network",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    name: Mapped[str] = mapped_column(String(60))
    network: Mapped[str] = mapped_column(String(43))
    registered_at: Mapped[Instant]
    registered_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))

    def end(self, at: datetime, *, by: UUID) -> None:
        """Serve no more."""
        self.ended_at = at
        self.ended_by_id = by


class SwitchKind(StrEnum):
    """What somebody did about the limit: switched on or off at the unit, or lifted for a time from above."""

    ON = "on"
    OFF = "off"
    LIFTED = "lifted"


class WorkplaceSwitch(Base):
    """One decision about the limit of a unit, never changed: the latest counts."""

    __tablename__ = "workplace_switch"
    __table_args__ = (
        CheckConstraint("(kind = 'lifted') = (lifted_until IS NOT NULL)", name="lifted_until_an_instant"),
        CheckConstraint("lifted_until > made_at", name="ends_after_start"),
        Index("ix_workplace_switch_unit_id", "unit_id", "made_at"),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    kind: Mapped[SwitchKind] = mapped_column(enum_type(SwitchKind, "kind"))
    reason: Mapped[str] = mapped_column(String(200))
    lifted_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    made_at: Mapped[Instant]
    made_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
