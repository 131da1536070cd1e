"""When a desk is open: the hours of registry_core.calendars, as a desk asks them and as a person types them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from registry_core.calendars.errors import YearNotPublished
from registry_core.calendars.hours_text import DAY_MINUTES, Slot, Slots, Week, read_slots, read_week
from registry_core.calendars.opening_hours import OpeningHours
from registry_core.calendars.working_days import WorkingDays
from registry_core.clock import BEIJING, local

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_AHEAD = 40
"""How far ahead the next opening is looked for: beyond the longest holidays with their weekends."""
_ONE_DAY = timedelta(days=1)
_SPELLINGS = str.maketrans("：；，、~～—–－至到０１２３４５６７８９", ":;,,-------0123456789")
_HALF = re.compile(r"(?<![\d:])(\d{1,2})(?::(\d{2}))?(?![\d:])", re.ASCII)


@dataclass(frozen=True, slots=True)
class DeskHours:
    """The opening hours of a desk; holidays are closed and days worked in exchange open, where the calendar says so."""

    hours: OpeningHours

    def is_open(self, at: datetime) -> bool:
        """Say whether an instant lies in a slot; the first minute does, the last does not."""
        here = local(at)
        return any(begins <= here < ends for begins, ends in self._slots(here.date() - _ONE_DAY, 2))

    def opens_at(self, after: datetime) -> datetime | None:
        """Say when the next slot after an instant begins; None where there is none for weeks."""
        here = local(after)
        return next((begins for begins, _ in self._slots(here.date(), DAYS_AHEAD) if begins > here), None)

    def _slots(self, first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
        for day in (first + timedelta(days=ahead) for ahead in range(days)):
            midnight = datetime.combine(day, time.min, BEIJING)
            for slot in self._slots_on(day):
                yield midnight + timedelta(minutes=slot.begins), midnight + timedelta(minutes=slot.ends)

    def _slots_on(self, day: date) -> Slots:
        try:
            return self.hours.slots_on(day)
        except YearNotPublished:
            # Nobody knows its holidays yet: the week alone counts, and a desk is not shut because of it.
            return self.hours.week.get(day.weekday(), ())


def desk_hours(weekly: str, holidays: str, *, makeup_days: bool, days: WorkingDays) -> DeskHours | None:
    """Make the hours of a desk from how they are stored; None for one that is open at all times."""
    if not weekly:
        return None
    week, on_call = _read(weekly, holidays)
    return DeskHours(OpeningHours(days, week, makeup_days, on_call, None, {}, ()))


@lru_cache(maxsize=4096)
def _read(weekly: str, holidays: str) -> tuple[Week, Slots]:
    return read_week(weekly), read_slots(holidays)


def read_typed(typed: str) -> Slots:
    """Read slots as a person types them: `8:00-12:00，14:00—17:30` or `8-12、14-17:30`; empty is closed.

    Raises HoursMalformed.
    """
    plain = re.sub(r"\s*-+\s*", "-", typed.translate(_SPELLINGS).replace(";", ",").strip().strip(","))
    if not plain:
        return ()
    parts = [part for part in re.split(r"[,\s]+", plain) if part]
    return read_slots(",".join(_HALF.sub(_full, part) for part in parts))


def _full(found: re.Match[str]) -> str:
    return f"{found[1]:0>2}:{found[2] or '00':0>2}"


def write_slots(slots: Slots) -> str:
    """Write slots as a person reads and types them: `08:00-12:00, 14:00-17:30`."""
    return ", ".join(_write(slot) for slot in slots)


def write_week(days: Sequence[Slots]) -> str:
    """Write a week, Monday first, as it is stored; empty where no day has a slot."""
    return ";".join(
        f"{name} {','.join(_write(slot) for slot in slots)}"
        for name, slots in zip(WEEKDAYS, days, strict=False)
        if slots
    )


def typed_week(weekly: str) -> list[str]:
    """Write the seven days of a stored week as they are typed, Monday first."""
    week = read_week(weekly)
    return [write_slots(week.get(day, ())) for day in range(len(WEEKDAYS))]


def _write(slot: Slot) -> str:
    return f"{_clock(slot.begins)}-{'24:00' if slot.ends == DAY_MINUTES else _clock(slot.ends % DAY_MINUTES)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
