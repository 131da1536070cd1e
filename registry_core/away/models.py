"""How somebody wants to get word, the browsers that take notices, and what has been told by which way."""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, SmallInteger, String, Text, Time
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type

SILENCES = (15, 60, 240)
"""Minutes after which what is unread goes out by mail."""


class Way(StrEnum):
    """How word reaches somebody who is away."""

    PUSH = "push"
    MAIL = "mail"
    SMS = "sms"


class AwayChoice(Base):
    """What one account has chosen; without a row the house's own choice holds (`policies.Choice`)."""

    __tablename__ = "away_choice"
    __table_args__ = (
        CheckConstraint("num_nonnulls(silence_minutes, digest_hour) = 1", name="silence_or_hour"),
        CheckConstraint("silence_minutes IN (15, 60, 240)", name="known_silence"),
        CheckConstraint("digest_hour BETWEEN 0 AND 23", name="hour_of_a_day"),
        CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL) AND quiet_from <> quiet_until", name="quiet_is_whole"
        ),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    switched_off: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    """`kind:way` of everything switched off; what a later version adds is on until somebody says otherwise."""
    silence_minutes: Mapped[int | None] = mapped_column(SmallInteger)
    digest_hour: Mapped[int | None] = mapped_column(SmallInteger)
    """Once a day at this hour in China, instead of after a silence."""
    quiet_from: Mapped[time | None] = mapped_column(Time)
    quiet_until: Mapped[time | None] = mapped_column(Time)
    is_quiet_on_days_off: Mapped[bool] = mapped_column(default=False, server_default="false")
    paused_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[Instant]


class PushSubscription(Base):
    """One browser that takes notices, for as long as it is signed in. `endpoint` and keys are `sensitive`."""

    __tablename__ = "push_subscription"
    __table_args__ = (Index("ix_push_subscription_account_id", "account_id"),)

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    # A browser has one: who subscribes anew, or signs in as somebody else and subscribes, replaces it.
    browser_session_id: Mapped[UUID] = mapped_column(ForeignKey("browser_session.id"), unique=True)
    endpoint: Mapped[str] = mapped_column(String(1000), unique=True)
    p256dh: Mapped[str] = mapped_column(String(100))
    auth: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[Instant]


class Lookout(Base):
    """An account with something unread that may have to be told, and when to look next."""

    __tablename__ = "lookout"
    __table_args__ = (Index("ix_lookout_look_at", "look_at"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    look_at: Mapped[Instant]


class ToldWord(Base):
    """One thing that an account was told of by one way; kept while it could be told again."""

    __tablename__ = "told_word"
    __table_args__ = (Index("ix_told_word_told_at", "told_at"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    way: Mapped[Way] = mapped_column(enum_type(Way, "way"), primary_key=True)
    thing: Mapped[str] = mapped_column(String(120), primary_key=True)
    told_at: Mapped[Instant]


class NewsMark(Base):
    """Up to when the tellers have been asked for news: one row, so that a worker that comes back misses nothing."""

    __tablename__ = "news_mark"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    asked_until: Mapped[Instant]
