"""Roles at units, qualifications and lent rights, each from-until."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type
from registry_core.orgs.models import Level


class Role(StrEnum):
    """What a person is at a unit; `registry_core.access.roles` says what each one means and which rule says so."""

    SUPER_ADMINISTRATOR = "super_administrator"
    REGISTRY_ADMINISTRATOR = "registry_administrator"
    ORDINARY_USER = "ordinary_user"
    REGISTRY_LEADER = "registry_leader"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    READ_ONLY_USER = "read_only_user"
    CENTRE_SCHOOL_ADMINISTRATOR = "centre_school_administrator"
    SCHOOL_USER = "school_user"
    GRADE_ADMINISTRATOR = "grade_administrator"
    CLASS_ADMINISTRATOR = "class_administrator"
    LEADING_GROUP_MEMBER = "leading_group_member"
    STUDENT = "student"
    TECHNICIAN = "technician"
    DESK_LEAD = "desk_lead"
    TRAINER = "trainer"
    EXAMINER = "examiner"
    MARKER = "marker"
    ANNOUNCEMENT_AUTHOR = "announcement_author"
    ANNOUNCEMENT_REVIEWER = "announcement_reviewer"
    REPORT_OWNER = "report_owner"
    REPORT_SIGNER = "report_signer"
    REPORT_SEALER = "report_sealer"
    FINANCE_READER = "finance_reader"
    TEACHER = "teacher"
    PARENT = "parent"


class QualificationKind(StrEnum):
    """What somebody has been certified for (持证上岗). Source: file 003 main part 3, annex 2 art. 20."""

    ANSWERING = "answering"
    REGISTRY = "registry"


class RoleAssignment(Base):
    """One role of one account at one unit for a time; ended by date, never deleted."""

    __tablename__ = "role_assignment"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="ends_after_start"),
        CheckConstraint("narrowed_to <> ''", name="narrowed_to_something"),
        Index(
            "uq_role_assignment_open",
            "account_id",
            "unit_id",
            "role",
            text("coalesce(narrowed_to, '')"),
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
    narrowed_to: Mapped[str | None] = mapped_column(String(40))
    """The grade or class of the unit that the role is limited to."""
    valid_from: Mapped[Instant]
    valid_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    granted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    """Who gave it; nobody for the demonstration cast and for the first administrator."""
    ended_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    end_reason: Mapped[str | None] = mapped_column(String(200))
    succeeds_id: Mapped[UUID | None] = mapped_column(ForeignKey("role_assignment.id"), unique=True)
    """The role that its holder handed over with this one: a successor, who is to be trained."""

    def end(self, at: datetime, *, by: UUID | None = None, reason: str | None = None) -> None:
        """Let the role end at an instant; what was done under it stays on record."""
        self.valid_until = at
        self.ended_by_id = by
        self.end_reason = reason


class Qualification(Base):
    """What somebody is certified for, from-until: a certificate, or a provisional grant until there is one."""

    __tablename__ = "qualification"
    __table_args__ = (
        CheckConstraint("valid_until > valid_from", name="ends_after_start"),
        CheckConstraint("(certificate_id IS NULL) = (reason IS NOT NULL)", name="certificate_or_reason"),
        CheckConstraint("(revoked_at IS NULL) = (revoke_reason IS NULL)", name="revoked_with_reason"),
        Index("ix_qualification_account_id_kind", "account_id", "kind"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[QualificationKind] = mapped_column(enum_type(QualificationKind, "qualification_kind"))
    level: Mapped[Level | None] = mapped_column(enum_type(Level, "level"))
    """The tier it was passed for; it serves there and at lower tiers. None: for every tier."""
    valid_from: Mapped[Instant]
    valid_until: Mapped[Instant]
    certificate_id: Mapped[UUID | None]
    """The certificate of the training; none for a provisional grant."""
    reason: Mapped[str | None] = mapped_column(String(200))
    granted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoke_reason: Mapped[str | None] = mapped_column(String(200))


class Delegation(Base):
    """A role lent to somebody for a purpose and a time, instead of a lent password (file 003 annex 2 art. 7).

    The borrower asks or is offered it, a system administrator consents beforehand; acts are on record with both names.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("valid_until > valid_from", name="ends_after_start"),
        CheckConstraint("borrower_id <> lender_id", name="lent_to_another"),
        CheckConstraint("consented_by_id NOT IN (lender_id, borrower_id)", name="consent_of_a_third"),
        CheckConstraint("(consented_at IS NULL) = (consented_by_id IS NULL)", name="consented_by_somebody"),
        CheckConstraint("consented_at IS NULL OR refused_at IS NULL", name="consented_or_refused"),
        CheckConstraint("btrim(purpose) <> ''", name="purpose_not_blank"),
        Index("ix_delegation_borrower_id", "borrower_id"),
        Index("ix_delegation_assignment_id", "assignment_id"),
    )

    id: Mapped[Id]
    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("role_assignment.id"))
    lender_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    borrower_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    purpose: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[Instant]
    valid_until: Mapped[Instant]
    asked_at: Mapped[Instant]
    consented_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    consented_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    refused_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    refuse_reason: Mapped[str | None] = mapped_column(String(200))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
