"""What proves who somebody is besides the present password. Everything here is `sensitive`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type


class FormerPassword(Base):
    """The hash of a password that was in use before; as many are kept as the rule says."""

    __tablename__ = "former_password"
    __table_args__ = (Index("ix_former_password_account_id", "account_id"),)

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    password_hash: Mapped[str] = mapped_column(String(200))
    replaced_at: Mapped[Instant]


class SecondFactor(Base):
    """A second factor of an account. `kind` is the code of a `Factor`.

    The secret is sealed with a key made from `DESK_SECRET_KEY`. What was accepted once lies at or below `counter` and
    is never accepted again: the time step of a code.
    """

    __tablename__ = "second_factor"
    __table_args__ = (UniqueConstraint("account_id", "kind"),)

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(20))
    sealed_secret: Mapped[str] = mapped_column(Text)
    counter: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    created_at: Mapped[Instant]
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RecoveryCode(Base):
    """A code that opens once instead of the second factor; only its keyed hash stands here."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "code_hash"),)

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[Instant]
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ResetChannel(StrEnum):
    """How the code of a reset reaches its person."""

    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"


class PasswordReset(Base):
    """A one-time code with which an account gets a new password. `given_by_id` handed the letter over in person."""

    __tablename__ = "password_reset"
    __table_args__ = (
        CheckConstraint("tries >= 0", name="tries_counted"),
        CheckConstraint("expires_at > created_at", name="expires_after_start"),
        CheckConstraint("(channel = 'letter') = (given_by_id IS NOT NULL)", name="letter_has_giver"),
        CheckConstraint("channel = 'letter' OR NOT drops_factor", name="only_letters_drop_factors"),
        Index("ix_password_reset_account_id_created_at", "account_id", "created_at"),
        Index(
            "uq_password_reset_open_letter",
            "account_id",
            unique=True,
            postgresql_where=text("channel = 'letter' AND ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    channel: Mapped[ResetChannel] = mapped_column(enum_type(ResetChannel, "channel"))
    code_hash: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    drops_factor: Mapped[bool] = mapped_column(default=False, server_default="false")
    given_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # Used, replaced by a later one, or tried too often.
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
