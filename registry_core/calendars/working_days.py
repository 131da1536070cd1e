"""Deadlines in working days. The conventions stand in tests/data/golden/conventions.md, part A and K."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from registry_core.calendars.errors import YearNotPublished
from registry_core.calendars.models import SATURDAY, DayKind

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The day on which something is due; None while the count runs into a year that is not published."""

    due: date | None
    is_provisional: bool


PROVISIONAL = Deadline(None, is_provisional=True)


class WorkingDays:
    """The published days of the country: which of them are worked, and deadlines counted in them."""

    __slots__ = ("_kinds", "published_years")

    def __init__(self, kinds: Mapping[date, DayKind]) -> None:
        """Take the listed days; every other day of a year that has one is ordinary."""
        self._kinds = kinds
        self.published_years = frozenset(day.year for day in kinds)

    def kind(self, day: date) -> DayKind | None:
        """Say what a day is listed as; None for an ordinary one.

        Raises YearNotPublished.
        """
        if day.year not in self.published_years:
            raise YearNotPublished(day.year)
        return self._kinds.get(day)

    def is_published(self, first: date, last: date) -> bool:
        """Say whether every year from one day to another is published."""
        return self.published_years.issuperset(range(first.year, last.year + 1))

    def is_working_day(self, day: date) -> bool:
        """Say whether a day is worked: listed so, or ordinary and from Monday to Friday.

        Raises YearNotPublished.
        """
        kind = self.kind(day)
        return day.weekday() < SATURDAY if kind is None else kind is DayKind.WORK

    def add(self, start: date, days: int) -> Deadline:
        """Say which day is due so many working days (at least one) after a start, which is never counted itself."""
        if days < 1:
            message = f"a deadline is at least one working day away, not {days}"
            raise ValueError(message)
        for day in self._published_after(start):
            days -= self.is_working_day(day)
            if not days:
                return Deadline(day, is_provisional=False)
        return PROVISIONAL

    def count(self, start: date, end: date) -> int:
        """Count the working days after `start` up to and with `end`; below zero when `end` comes first.

        Raises YearNotPublished.
        """
        if end < start:
            return -self.count(end, start)
        span = (end - start).days
        return sum(self.is_working_day(start + timedelta(days=after)) for after in range(1, span + 1))

    def _published_after(self, start: date) -> Iterator[date]:
        """Walk the days after a start as far as the calendar is published without a gap."""
        day = start + _ONE_DAY
        while day.year in self.published_years:
            yield day
            day += _ONE_DAY
