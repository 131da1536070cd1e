"""Changes to the calendar: the shipped years, a year published by the ministry, a single day corrected."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from registry_core import outbox
from registry_core.access.actors import Actor, require
from registry_core.audit import services as audit
from registry_core.audit.values import FieldClass, Subject, compare
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
    before, after = _by_day(queries.list_days(session, year)), _by_day(days)
    done = Publication(
        added=len(after.keys() - before.keys()),
        changed=sum(before[day] != after[day] for day in after.keys() & before.keys()),
        removed=len(before.keys() - after.keys()),
    )
    if done.is_change:
        session.execute(delete(CalendarDay).where(queries.in_year(year)).execution_options(synchronize_session="fetch"))
        session.add_all(CalendarDay(day=day.day, kind=day.kind, name=day.name) for day in days)
        _finish(session, actor, "calendars.year.published", year, before)
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
    before = _by_day(queries.list_days(session, day.year))
    if not before:
        raise PublishYearFirst(day.year)
    listed = queries.find_day(session, day)
    if listed is None:
        listed = CalendarDay(day=day, kind=kind, name=name)
        session.add(listed)
    else:
        listed.kind, listed.name = kind, name
    _finish(session, actor, "calendars.day.set", day.year, before)
    return listed


def remove_day(session: Session, actor: Actor, day: date) -> None:
    """Let a day be an ordinary one again.

    Raises Forbidden, DayNotListed, LastDayOfYear.
    """
    require(actor, EDIT_CALENDAR)
    _lock(session)
    before = _by_day(queries.list_days(session, day.year))
    listed = queries.find_day(session, day)
    if listed is None:
        raise DayNotListed
    if len(before) == 1:
        raise LastDayOfYear
    session.delete(listed)
    _finish(session, actor, "calendars.day.removed", day.year, before)


def _finish(session: Session, actor: Actor, act: str, year: int, before: Mapping[str, str]) -> None:
    """Write down what has become different, and tell those whose deadlines hang on it."""
    session.flush()
    after = _by_day(queries.list_days(session, year))
    if after == before:
        return
    classes = dict.fromkeys(before.keys() | after.keys(), FieldClass.PUBLIC)
    audit.note(session, actor, act, about=Subject("calendar", str(year)), changes=compare(before, after, classes))
    outbox.record(session, CalendarChanged(year))


def _by_day(days: Iterable[CalendarDay | ListedDay]) -> dict[str, str]:
    return {day.day.isoformat(): f"{day.kind.value} {day.name}" for day in days}


def _lock(session: Session) -> None:
    session.execute(select(func.pg_advisory_xact_lock(_CALENDAR_LOCK)))
