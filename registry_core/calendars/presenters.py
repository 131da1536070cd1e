"""A year of the calendar as the page shows it."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel import Locale
from babel.dates import format_skeleton
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from registry_core.calendars import queries
from registry_core.calendars.models import SATURDAY, CalendarDay, DayKind
from registry_core.calendars.policies import FIRST_YEAR, LAST_YEAR
from registry_core.calendars.working_days import WorkingDays
from registry_core.orgs.queries import today

_MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True)
class DayCell:
    """One square of a month. `look` is work, rest (a weekend), off (a holiday) or exchange (a weekend day worked)."""

    day: date
    look: str
    label: str
    is_today: bool


@dataclass(frozen=True, slots=True)
class DayLine:
    """A listed day in words."""

    day: date
    text: str
    name: str
    is_off: bool


@dataclass(frozen=True, slots=True)
class MonthView:
    """A month: its weeks from Monday on (None outside the month), and what is listed in it."""

    number: int
    name: str
    weeks: tuple[tuple[DayCell | None, ...], ...]
    listed: tuple[DayLine, ...]
    working_days: int


@dataclass(frozen=True, slots=True)
class YearView:
    """The whole page."""

    year: int
    is_published: bool
    weekdays: tuple[str, ...]
    months: tuple[MonthView, ...]
    working_days: int
    listed: int
    published_years: tuple[int, ...]
    previous: int | None
    following: int | None


def view_year(session: Session, year: int) -> YearView:
    """Read a year; one that is not published has no months yet."""
    listed = queries.list_days(session, year)
    months = _months(year, listed) if listed else ()
    return YearView(
        year=year,
        is_published=bool(listed),
        weekdays=_weekdays(),
        months=months,
        working_days=sum(month.working_days for month in months),
        listed=len(listed),
        published_years=tuple(queries.list_published_years(session)),
        previous=year - 1 if year > FIRST_YEAR else None,
        following=year + 1 if year < LAST_YEAR else None,
    )


def kind_label(kind: DayKind) -> str:
    """Name the kind of a listed day."""
    return _("放假") if kind is DayKind.OFF else _("调休上班")


def write_table(days: Sequence[CalendarDay]) -> str:
    """Write listed days as the table from which a year is published."""
    return "\n".join(f"{row.day.isoformat()},{kind_label(row.kind)},{row.name}" for row in days)


def _months(year: int, listed: Sequence[CalendarDay]) -> tuple[MonthView, ...]:
    by_day = {row.day: row for row in listed}
    calendar = WorkingDays({row.day: row.kind for row in listed})
    return tuple(_month(date(year, number, 1), by_day, calendar) for number in _MONTHS)


def _month(first: date, listed: Mapping[date, CalendarDay], calendar: WorkingDays) -> MonthView:
    weeks = [
        [day if day.month == first.month else None for day in week]
        for week in Calendar().monthdatescalendar(first.year, first.month)
    ]
    days = [day for week in weeks for day in week if day is not None]
    return MonthView(
        number=first.month,
        name=format_skeleton("yMMM", first, locale=_locale()),
        weeks=tuple(tuple(_cell(day, listed.get(day)) if day else None for day in week) for week in weeks),
        listed=tuple(_line(listed[day]) for day in days if day in listed),
        working_days=sum(calendar.is_working_day(day) for day in days),
    )


def _cell(day: date, listed: CalendarDay | None) -> DayCell:
    is_today = day == today()
    if listed is None:
        return DayCell(day, "rest" if day.weekday() >= SATURDAY else "work", "", is_today)
    look = "off" if listed.kind is DayKind.OFF else "exchange"
    label = _say(listed) if look == "exchange" else f"{listed.name} · {kind_label(listed.kind)}"
    return DayCell(day, look, label, is_today)


def _line(row: CalendarDay) -> DayLine:
    text = format_skeleton("MMMEd", row.day, locale=_locale())
    return DayLine(row.day, text, _say(row), row.kind is DayKind.OFF)


def _say(row: CalendarDay) -> str:
    """Name a day: one worked in exchange for a holiday is not that holiday."""
    return row.name if row.kind is DayKind.OFF else _("%(holiday)s调休上班", holiday=row.name)


def _weekdays() -> tuple[str, ...]:
    names = _locale().days["stand-alone"]["narrow"]
    return tuple(names[weekday] for weekday in range(7))


def _locale() -> Locale:
    return get_locale() or Locale("zh", script="Hans")
