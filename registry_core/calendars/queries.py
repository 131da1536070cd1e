"""Reads of the calendar; everybody may read it, it is public."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, extract, func, select
from sqlalchemy.orm import Session

from registry_core.calendars.models import CalendarDay
from registry_core.calendars.working_days import WorkingDays


def load_working_days(session: Session) -> WorkingDays:
    """Load every published day, in one round trip: about forty rows a year."""
    rows = session.execute(select(CalendarDay.day, CalendarDay.kind)).all()
    return WorkingDays({row.day: row.kind for row in rows})


def list_days(session: Session, year: int) -> Sequence[CalendarDay]:
    """List the days of a year that are listed, in their order; none when it is not published."""
    return session.scalars(select(CalendarDay).where(in_year(year)).order_by(CalendarDay.day)).all()


def count_days(session: Session, year: int) -> int:
    """Count the listed days of a year; 0 when it is not published."""
    return session.scalars(select(func.count()).select_from(CalendarDay).where(in_year(year))).one()


def list_published_years(session: Session) -> Sequence[int]:
    """List the years that are published, earliest first."""
    year = extract("year", CalendarDay.day)
    return [int(found) for found in session.scalars(select(year).distinct().order_by(year))]


def find_day(session: Session, day: date) -> CalendarDay | None:
    """Find what a day is listed as."""
    return session.get(CalendarDay, day)


def in_year(year: int) -> ColumnElement[bool]:
    """Limit a query to the listed days of a year."""
    return CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))
