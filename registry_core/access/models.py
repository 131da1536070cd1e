"""Roles at units, from-until."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type


class Role(StrEnum):
    """What a person is at a unit. Source: operation rules (file 003 annex 2), articles 15-17."""

    REGISTRAR = "registrar"
    TECHNICIAN = "technician"
    DESK_LEAD = "desk_lead"
    SUPER_ADMINISTRATOR = "super_administrator"


class RoleAssignment(Base):
    """One role of one account at one unit for a time; ended by date, never deleted."""

    __tablename__ = "role_assignment"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="ends_after_start"),
        Index(
            "uq_role_assignment_open",
            "account_id",
            "unit_id",
            "role",
            unique=True,
            postgresql_where=text("valid_until IS NULL"),
        ),
        Index("ix_role_assignment_unit_id_role", "unit_id", "role"),
        # Who somebody is, asked at every request; the unique one above leaves ended assignments out and does not serve.
        Index("ix_role_assignment_account_id_unit_id", "account_id", "unit_id"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    body_id: Mapped[UUID | None] = mapped_column(ForeignKey("body.id"))
    role: Mapped[Role] = mapped_column(enum_type(Role, "role"))
    valid_from: Mapped[Instant]
    valid_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def end(self, at: datetime) -> None:
        """Let the role end at an instant; what was done under it stays on record."""
        self.valid_until = at
