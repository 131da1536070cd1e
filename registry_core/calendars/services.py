"""Changes to the calendar: the shipped years, a year published by the ministry, a single day corrected."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from registry_core import outbox
from registry_core.access.actors import Actor, require
from registry_core.calendars import queries
from registry_core.calendars.day_file import ListedDay
from registry_core.calendars.errors import DayNotListed, ExchangeOnWeekday, LastDayOfYear, PublishYearFirst
from registry_core.calendars.events import CalendarChanged
from registry_core.calendars.models import SATURDAY, CalendarDay, DayKind
from registry_core.calendars.policies import EDIT_CALENDAR

OWN_FILE = Path(__file__).parent / "data" / "holidays.csv"
# One lock for all that changes the calendar: a year is read and replaced as a whole.
_CALENDAR_LOCK = 0x63616C


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing a year changed."""

    added: int
    changed: int
    removed: int

    @property
    def is_change(self) -> bool:
        """Say whether anything is different now."""
        return bool(self.added or self.changed or self.removed)


def load_own_days(session: Session) -> tuple[int, ...]:
    """Load the shipped years that have no rows yet and name them; a year that has some is left as people made it."""
    _lock(session)
    published = set(queries.list_published_years(session))
    missing = [day for day in read_own_days() if day.day.year not in published]
    session.add_all(CalendarDay(day=day.day, kind=day.kind, name=day.name) for day in missing)
    session.flush()
    loaded = tuple(sorted({day.day.year for day in missing}))
    for year in loaded:
        outbox.record(session, CalendarChanged(year))
    return loaded


def read_own_days() -> tuple[ListedDay, ...]:
    """Read the shipped days (columns date, kind, name_en, name_zh; see data/PROVENANCE.md)."""
    with OWN_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            ListedDay(date.fromisoformat(row["date"]), DayKind(row["kind"]), row["name_zh"])
            for row in csv.DictReader(file)
        )


def publish_year(session: Session, actor: Actor, year: int, *, days: Sequence[ListedDay]) -> Publication:
    """Let a year have exactly these days, whatever it had before; all or nothing.

    Raises Forbidden.
    """
    require(actor, EDIT_CALENDAR)
    _lock(session)
    before = {row.day: (row.kind, row.name) for row in queries.list_days(session, year)}
    after = {day.day: (day.kind, day.name) for day in days}
    done = Publication(
        added=len(after.keys() - before.keys()),
        changed=sum(before[day] != after[day] for day in after.keys() & before.keys()),
        removed=len(before.keys() - after.keys()),
    )
    if done.is_change:
        session.execute(delete(CalendarDay).where(queries.in_year(year)).execution_options(synchronize_session="fetch"))
        session.add_all(CalendarDay(day=day.day, kind=day.kind, name=day.name) for day in days)
        _changed(session, year)
    return done


def set_day(session: Session, actor: Actor, day: date, *, kind: DayKind, name: str) -> CalendarDay:
    """List a day of a published year, or correct what it is listed as.

    A year begins by publishing it whole: a single day of 2027 would make the rest of it look like ordinary weeks.
    Raises Forbidden, ExchangeOnWeekday, PublishYearFirst.
    """
    require(actor, EDIT_CALENDAR)
    if kind is DayKind.WORK and day.weekday() < SATURDAY:
        raise ExchangeOnWeekday(day)
    _lock(session)
    if not queries.count_days(session, day.year):
        raise PublishYearFirst(day.year)
    listed = queries.find_day(session, day)
    if listed is None:
        listed = CalendarDay(day=day, kind=kind, name=name)
        session.add(listed)
    else:
        listed.kind, listed.name = kind, name
    _changed(session, day.year)
    return listed


def remove_day(session: Session, actor: Actor, day: date) -> None:
    """Let a day be an ordinary one again.

    Raises Forbidden, DayNotListed, LastDayOfYear.
    """
    require(actor, EDIT_CALENDAR)
    _lock(session)
    listed = queries.find_day(session, day)
    if listed is None:
        raise DayNotListed
    if queries.count_days(session, day.year) == 1:
        raise LastDayOfYear
    session.delete(listed)
    _changed(session, day.year)


def _changed(session: Session, year: int) -> None:
    session.flush()
    outbox.record(session, CalendarChanged(year))


def _lock(session: Session) -> None:
    session.execute(select(func.pg_advisory_xact_lock(_CALENDAR_LOCK)))
