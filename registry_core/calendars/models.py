"""The days on which the country works or rests against its week."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, enum_type

LONGEST_NAME = 40
SATURDAY = 5


class DayKind(StrEnum):
    """What a listed day is: a public holiday, or a weekend day worked in exchange for one (调休)."""

    OFF = "off"
    WORK = "work"


class CalendarDay(Base):
    """One day of the published calendar; every other day of a published year is ordinary.

    A year is published when it has rows. The table is the state of today; who changed it is in the audit.
    """

    __tablename__ = "calendar_day"
    __table_args__ = (
        CheckConstraint("btrim(name) <> ''", name="name_not_blank"),
        CheckConstraint("kind = 'off' OR extract(isodow FROM day) >= 6", name="exchange_at_weekend"),
    )

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind] = mapped_column(enum_type(DayKind, "kind"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
