"""How people get in: reported upward or registered, and what was handed out to whom with which result."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type


class ReportState(StrEnum):
    """How far the report of an administrator has come."""

    OPEN = "open"
    BOUND = "bound"
    REFUSED = "refused"


class AdministratorReport(Base):
    """A unit tells the level above who its super administrator is; the level above binds an account or refuses.

    Name, mobile and e-mail are `personal`. Source: operation rules (file 003 annex 2), art. 18 (1).
    """

    __tablename__ = "administrator_report"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_unless_open"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(state = 'bound') = (account_id IS NOT NULL)", name="bound_to_an_account"),
        CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name="refused_with_reason"),
        Index(
            "uq_administrator_report_open",
            "unit_id",
            "mobile",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_administrator_report_unit_id_state", "unit_id", "state"),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    name: Mapped[str] = mapped_column(String(60))
    mobile: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254))
    reported_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reported_at: Mapped[Instant]
    state: Mapped[ReportState] = mapped_column(enum_type(ReportState, "state"))
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(200))

    def bind(self, account_id: UUID, *, by: UUID, at: datetime) -> None:
        """Say which account the person has got."""
        self.state = ReportState.BOUND
        self.account_id = account_id
        self.decided_by_id = by
        self.decided_at = at

    def refuse(self, reason: str, *, by: UUID, at: datetime) -> None:
        """Say why the person gets none."""
        self.state = ReportState.REFUSED
        self.reason = reason
        self.decided_by_id = by
        self.decided_at = at

    def withdraw(self, *, at: datetime) -> None:
        """Take it back, by who reported; nobody has refused it, so there is no reason."""
        self.refuse("", by=self.reported_by_id, at=at)

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was taken back by who reported."""
        return self.state is ReportState.REFUSED and not self.reason


class Channel(StrEnum):
    """How something reaches a person."""

    EMAIL = "email"
    SMS = "sms"


class DeliveryState(StrEnum):
    """What came of a delivery; a delayed one is tried again by itself."""

    WAITING = "waiting"
    SENT = "sent"
    DELAYED = "delayed"
    FAILED = "failed"


class CredentialDelivery(Base):
    """User name and one-time password on their way to a person by one channel; the words themselves are not kept.

    Deliveries of one issue carry the same password; a later issue makes the earlier password worthless. The address is
    `personal`. Source: operation rules (file 003 annex 2), art. 18 (1) and (2).
    """

    __tablename__ = "credential_delivery"
    __table_args__ = (
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended_unless_waiting"),
        CheckConstraint("(state IN ('delayed', 'failed')) = (reason IS NOT NULL)", name="failed_with_reason"),
        CheckConstraint("address <> '' OR state = 'failed'", name="address_unless_failed"),
        Index("uq_credential_delivery_issue_id_channel", "issue_id", "channel", unique=True),
        Index("ix_credential_delivery_account_id_created_at", "account_id", "created_at"),
        Index("ix_credential_delivery_unit_id_created_at", "unit_id", "created_at"),
    )

    id: Mapped[Id]
    issue_id: Mapped[UUID]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    """The unit for which the account was opened: who looks after people there sees the delivery."""
    channel: Mapped[Channel] = mapped_column(enum_type(Channel, "channel"))
    address: Mapped[str] = mapped_column(String(254))
    caused_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[Instant]
    drawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the password was drawn and the words handed to the worker."""
    state: Mapped[DeliveryState] = mapped_column(enum_type(DeliveryState, "state"))
    reason: Mapped[str | None] = mapped_column(String(60))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def end(self, state: DeliveryState, *, at: datetime, reason: str | None = None) -> None:
        """Say what came of it."""
        self.state = state
        self.reason = reason
        self.ended_at = at


class RegistrationState(StrEnum):
    """How far an open registration has come."""

    UNCONFIRMED = "unconfirmed"
    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Registration(Base):
    """Somebody without an account asks for one at a unit, with an address confirmed by a code.

    Name and address are `personal`; what was never confirmed is forgotten after a day. There is no account before the
    unit's administrator accepts. Source: operation rules (file 003 annex 2), art. 18 (3).
    """

    __tablename__ = "registration"
    __table_args__ = (
        CheckConstraint("tries >= 0", name="tries_counted"),
        CheckConstraint("(state = 'unconfirmed') = (confirmed_at IS NULL)", name="confirmed_unless_unconfirmed"),
        CheckConstraint("(state IN ('accepted', 'refused')) = (decided_at IS NOT NULL)", name="decided_once"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(state = 'accepted') = (account_id IS NOT NULL)", name="accepted_with_account"),
        CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name="refused_with_reason"),
        Index("ix_registration_unit_id_state", "unit_id", "state"),
        Index("ix_registration_address_created_at", "address", "created_at"),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    name: Mapped[str] = mapped_column(String(60))
    channel: Mapped[Channel] = mapped_column(enum_type(Channel, "channel"))
    address: Mapped[str] = mapped_column(String(254))
    wish: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    """Until when the code confirms the address."""
    code_hash: Mapped[str | None] = mapped_column(String(64))
    """The worker draws the code; where too many were asked for, none is drawn."""
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[RegistrationState] = mapped_column(enum_type(RegistrationState, "state"))
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(200))
    told_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the refusal was sent to the person."""

    def confirm(self, *, at: datetime) -> None:
        """Say that the address is the person's."""
        self.state = RegistrationState.OPEN
        self.confirmed_at = at

    def accept(self, account_id: UUID, *, by: UUID, at: datetime) -> None:
        """Say which account the person has got."""
        self.state = RegistrationState.ACCEPTED
        self.account_id = account_id
        self.decided_by_id = by
        self.decided_at = at

    def refuse(self, reason: str, *, by: UUID, at: datetime) -> None:
        """Say why the person gets none."""
        self.state = RegistrationState.REFUSED
        self.reason = reason
        self.decided_by_id = by
        self.decided_at = at


class LentPassword(Base):
    """A password that was lent after all, on record: changed by force after use, reported where it was not.

    `lent_to` is `personal`. Source: operation rules (file 003 annex 2), art. 7.
    """

    __tablename__ = "lent_password"
    __table_args__ = (
        CheckConstraint("valid_until > registered_at", name="ends_after_start"),
        CheckConstraint("btrim(lent_to) <> '' AND btrim(purpose) <> ''", name="named"),
        CheckConstraint("reported_at IS NULL OR forced_at IS NOT NULL", name="forced_before_reported"),
        Index("ix_lent_password_account_id", "account_id"),
        Index("ix_lent_password_valid_until", "valid_until"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    """Whose password it is."""
    lent_to: Mapped[str] = mapped_column(String(60))
    purpose: Mapped[str] = mapped_column(String(200))
    registered_at: Mapped[Instant]
    valid_until: Mapped[Instant]
    forced_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the time was up: every browser was signed out, and a new password is asked for."""
    reported_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the administrators were told that it still has not been changed."""
