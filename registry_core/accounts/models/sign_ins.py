"""Browsers that are signed in, on the way in, known from before, and every attempt at the door."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type


class BrowserSession(Base):
    """One signed-in browser. The cookie carries a random token; only its SHA-256 stands here.

    `confirmed_at` is when the person last proved who they are: acts of weight ask for a recent proof.
    """

    __tablename__ = "browser_session"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at >= created_at", name="ends_after_start"),
        Index("ix_browser_session_account_id", "account_id"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[Instant]
    seen_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    browser: Mapped[str] = mapped_column(String(300))
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    acting_under_id: Mapped[UUID | None] = mapped_column(ForeignKey("delegation.id"))
    """The lent role under which this browser acts now; without one it acts as its own person."""


class KnownDevice(Base):
    """A browser in which an account has signed in before: failures of strangers do not pause it.

    Its cookie carries a random token for each account; only the SHA-256 stands here. Source: OWASP Authentication
    Cheat Sheet, device cookies.
    """

    __tablename__ = "known_device"
    __table_args__ = (Index("ix_known_device_account_id", "account_id"),)

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    browser: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[Instant]
    seen_at: Mapped[Instant]


class PendingSignIn(Base):
    """Somebody who has shown the right password and still owes something: a code, a new password.

    Ends by becoming a browser session, or by its time. `factor_at` is when the second factor was shown.
    """

    __tablename__ = "pending_sign_in"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="expires_after_start"),
        Index("ix_pending_sign_in_account_id", "account_id"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    factor_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class AttemptOutcome(StrEnum):
    """What came of an attempt to sign in, or to confirm who one is."""

    SIGNED_IN = "signed_in"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the name of an outcome
    WRONG_CODE = "wrong_code"
    PAUSED = "paused"
    SEALED = "sealed"


class SignInAttempt(Base):
    """One attempt, at a name that may belong to nobody. Personal data; kept for 90 days.

    People type passwords into the wrong field, so the name stands here as a keyed hash. `source` is who is counted: a
    known device, or for strangers their address.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_name_key_at", "name_key", "at"),
        Index("ix_sign_in_attempt_account_id_at", "account_id", "at"),
        Index("ix_sign_in_attempt_at", "at"),
    )

    id: Mapped[Id]
    name_key: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    source: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(300))
    outcome: Mapped[AttemptOutcome] = mapped_column(enum_type(AttemptOutcome, "outcome"))
    at: Mapped[Instant]
