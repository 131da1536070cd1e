"""Reading how opening hours are written down. The conventions stand in tests/data/golden/conventions.md, C1 to C9."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from flask_babel import lazy_gettext as _l

from registry_core.calendars.errors import HoursMalformed

DAY_MINUTES = 24 * 60
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SLOT = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)", re.ASCII)
_SEASON = re.compile(r"(\d\d-\d\d)\.\.(\d\d-\d\d)", re.ASCII)
_LEAP_YEAR = 2024


@dataclass(frozen=True, slots=True)
class Slot:
    """Minutes after midnight of the day on which the slot begins; past 1,440 it reaches into the next day."""

    begins: int
    ends: int


Slots = tuple[Slot, ...]
Week = Mapping[int, Slots]
"""Slots by weekday, Monday 0; a weekday without slots may be missing."""


@dataclass(frozen=True, slots=True)
class Season:
    """A part of every year, both days included."""

    first: tuple[int, int]
    last: tuple[int, int]

    def covers(self, day: date) -> bool:
        """Say whether a day lies in it."""
        return self.first <= (day.month, day.day) <= self.last


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of particular years, both ends included."""

    first: date
    last: date

    def covers(self, day: date) -> bool:
        """Say whether a day lies in it."""
        return self.first <= day <= self.last


def read_week(text: str) -> Week:
    """Read `mon-fri 08:30-12:00,14:00-17:30;sat 09:00-12:00`; empty text is a week without slots.

    Raises HoursMalformed.
    """
    week: dict[int, Slots] = {}
    for group in _parts(text, ";"):
        days, space, slots = group.partition(" ")
        if not space:
            raise HoursMalformed(group, _l("星期和时段之间要有一个空格，例如 mon-fri 08:30-12:00。"))
        for weekday in _read_days(days):
            if weekday in week:
                raise HoursMalformed(group, _l("同一个星期几只能写一次。"))
            week[weekday] = read_slots(slots)
    return week


def read_slots(text: str) -> Slots:
    """Read `08:30-12:00,14:00-17:30` or `none`; an end that is not later than the beginning is on the next day.

    Raises HoursMalformed.
    """
    if text == "none":
        return ()
    slots = tuple(sorted((_read_slot(part) for part in text.split(",")), key=lambda slot: slot.begins))
    if any(later.begins < earlier.ends for earlier, later in pairwise(slots)):
        raise HoursMalformed(text, _l("同一天的时段不能重叠，首尾相接可以。"))
    return slots


def read_season(text: str) -> Season | None:
    """Read `06-01..09-30`; empty text is no season.

    Raises HoursMalformed.
    """
    if not text:
        return None
    found = _SEASON.fullmatch(text)
    if not found:
        raise HoursMalformed(text, _l("夏令时段应写成 06-01..09-30 的样子。"))
    first, last = (_read_date(f"{_LEAP_YEAR}-{end}", text) for end in found.groups())
    if last < first:
        raise HoursMalformed(text, _l("夏令时段不能跨年，结束日不能早于开始日。"))
    return Season((first.month, first.day), (last.month, last.day))


def read_periods(text: str) -> tuple[Period, ...]:
    """Read `2026-02-16..2026-02-18;2026-04-15..2026-04-15`; empty text is none.

    Raises HoursMalformed.
    """
    return tuple(_read_period(part) for part in _parts(text, ";"))


def read_yes(text: str) -> bool:
    """Read `yes` or `no`.

    Raises HoursMalformed.
    """
    if text not in {"yes", "no"}:
        raise HoursMalformed(text, _l("这里只能写 yes 或 no。"))
    return text == "yes"


def _parts(text: str, sign: str) -> list[str]:
    return [part.strip() for part in text.split(sign) if part.strip()]


def _read_days(text: str) -> list[int]:
    days: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first not in _WEEKDAYS or (last or first) not in _WEEKDAYS:
            raise HoursMalformed(part, _l("星期应写成 mon、tue、wed、thu、fri、sat、sun，或 mon-fri。"))
        begin, end = _WEEKDAYS.index(first), _WEEKDAYS.index(last or first)
        if end < begin:
            raise HoursMalformed(part, _l("星期的范围应从前往后写，例如 mon-fri。"))
        days += range(begin, end + 1)
    return days


def _read_slot(text: str) -> Slot:
    found = _SLOT.fullmatch(text.strip())
    if not found:
        raise HoursMalformed(text, _l("时段应写成 08:30-12:00 的样子，半夜结束写 24:00。"))
    begins = int(found[1]) * 60 + int(found[2])
    ends = int(found[3]) * 60 + int(found[4]) if found[3] else DAY_MINUTES
    return Slot(begins, ends if ends > begins else ends + DAY_MINUTES)


def _read_period(text: str) -> Period:
    first, _, last = text.partition("..")
    period = Period(_read_date(first, text), _read_date(last, text))
    if period.last < period.first:
        raise HoursMalformed(text, _l("结束日不能早于开始日。"))
    return period


def _read_date(text: str, whole: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HoursMalformed(whole, _l("日期应写成 2026-02-16 的样子，并且真有这一天。")) from None
