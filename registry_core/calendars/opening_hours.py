"""Targets in working time of a desk. The conventions stand in tests/data/golden/conventions.md, parts S, B and C."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from registry_core.calendars.hours_text import (
    DAY_MINUTES,
    Period,
    Season,
    Slots,
    Week,
    read_periods,
    read_season,
    read_slots,
    read_week,
    read_yes,
)
from registry_core.calendars.models import DayKind
from registry_core.calendars.working_days import WorkingDays
from registry_core.clock import BEIJING

_MONDAY = 0
_ONE_DAY = timedelta(days=1)

Interval = tuple[datetime, datetime]
"""Half-open: the first instant belongs to it, the last does not."""


@dataclass(frozen=True, slots=True)
class Target:
    """The instant at which working time is used up.

    None without `is_provisional`: the desk never opens. None with it: the time runs into a year that is not published.
    """

    due: datetime | None
    is_provisional: bool


NEVER = Target(None, is_provisional=False)
PROVISIONAL = Target(None, is_provisional=True)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When a desk is open, on the calendar of the country."""

    days: WorkingDays
    week: Week
    works_on_makeup_days: bool
    on_call: Slots
    summer: Season | None
    summer_week: Week
    closed: tuple[Period, ...]

    @classmethod
    def parse(cls, columns: Mapping[str, str], days: WorkingDays) -> OpeningHours:
        """Read the columns of a desk calendar.

        They are `weekly_slots`, `works_on_makeup_days`, `holiday_on_call`, `summer_period`, `summer_weekly_slots` and
        `closed_periods`.
        Raises HoursMalformed.
        """
        return cls(
            days,
            read_week(columns["weekly_slots"]),
            read_yes(columns["works_on_makeup_days"]),
            read_slots(columns["holiday_on_call"]),
            read_season(columns["summer_period"]),
            read_week(columns["summer_weekly_slots"]),
            read_periods(columns["closed_periods"]),
        )

    def due(self, start: datetime, minutes: int, pauses: Iterable[Interval] = ()) -> Target:
        """Say when so many open minutes (at least one) after an aware start are used up; pauses stop the clock."""
        if minutes < 1:
            message = f"a target is at least one minute away, not {minutes}"
            raise ValueError(message)
        if not any(self._patterns()):
            return NEVER
        left = timedelta(minutes=minutes)
        for begins, ends in _without(self._open_from(start.astimezone(BEIJING)), _merged(pauses)):
            if ends - begins >= left:
                return Target(begins + left, is_provisional=False)
            left -= ends - begins
        return PROVISIONAL

    def slots_on(self, day: date) -> Slots:
        """Say which slots begin on a day: the first rule that fits.

        Raises YearNotPublished.
        """
        kind = self.days.kind(day)
        if any(period.covers(day) for period in self.closed):
            return ()
        if kind is DayKind.OFF:
            return self.on_call
        is_summer = self.summer is not None and self.summer.covers(day)
        week = self.summer_week if is_summer else self.week
        # A day worked in exchange is a second Monday, even at a desk that opens at weekends or not on Mondays.
        weekday = _MONDAY if kind is DayKind.WORK and self.works_on_makeup_days else day.weekday()
        return week.get(weekday, ())

    def _patterns(self) -> Iterator[Slots]:
        yield self.on_call
        yield from self.week.values()
        yield from self.summer_week.values()

    def _open_from(self, start: datetime) -> Iterator[Interval]:
        """Walk the open time from a start on, minutes that two slots cover only once, as far as years are published."""
        reached = start
        day = start.date() - _ONE_DAY if self._is_open_past_midnight() else start.date()
        while day.year in self.days.published_years:
            midnight = datetime.combine(day, time.min, BEIJING)
            for slot in self.slots_on(day):
                begins = max(reached, midnight + timedelta(minutes=slot.begins))
                ends = midnight + timedelta(minutes=slot.ends)
                if begins < ends:
                    yield begins, ends
                    reached = ends
            day += _ONE_DAY

    def _is_open_past_midnight(self) -> bool:
        return any(slot.ends > DAY_MINUTES for slots in self._patterns() for slot in slots)


def _merged(pauses: Iterable[Interval]) -> list[Interval]:
    """Put pauses in order and make one of those that touch."""
    merged: list[Interval] = []
    for begins, ends in sorted((first.astimezone(BEIJING), last.astimezone(BEIJING)) for first, last in pauses):
        if merged and begins <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(ends, merged[-1][1])
        else:
            merged.append((begins, ends))
    return merged


def _without(spans: Iterable[Interval], pauses: list[Interval]) -> Iterator[Interval]:
    """Cut the pauses out of open time; both come in order and without overlap."""
    for begins, ends in spans:
        reached = begins
        for pause_begins, pause_ends in pauses:
            if reached < min(pause_begins, ends):
                yield reached, min(pause_begins, ends)
            reached = max(reached, pause_ends)
        if reached < ends:
            yield reached, ends
