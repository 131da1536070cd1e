"""Opening hours that are written wrongly are refused with the part that is wrong."""

from __future__ import annotations

import pytest

from registry_core.calendars import hours_text
from registry_core.calendars.errors import HoursMalformed
from registry_core.calendars.hours_text import Slot


def test_a_slot_that_ends_before_it_begins_ends_the_next_day() -> None:
    assert hours_text.read_slots("20:00-02:00,08:00-12:00") == (Slot(480, 720), Slot(1200, 1560))
    assert hours_text.read_slots("00:00-24:00") == (Slot(0, 1440),)


def test_slots_may_touch() -> None:
    assert len(hours_text.read_slots("08:00-12:00,12:00-16:00")) == 2


@pytest.mark.parametrize(
    "week",
    [
        "mon-fri",
        "mon-fri 8:30-12:00",
        "mon-fri 08:30-12:60",
        "mon-fri 24:00-08:00",
        "mon 08:00-12:00;mon 14:00-16:00",
        "mon-wed,tue 08:00-12:00",
        "fri-mon 08:00-12:00",
        "monday 08:00-12:00",
        "mon 08:00-12:00,11:59-13:00",
        "mon 20:00-02:00,23:00-24:00",
    ],
)
def test_a_week_that_cannot_be_read_is_refused(week: str) -> None:
    with pytest.raises(HoursMalformed):
        hours_text.read_week(week)


@pytest.mark.parametrize("season", ["06-01", "06-31..09-30", "09-30..06-01", "6-1..9-30"])
def test_a_season_that_cannot_be_read_is_refused(season: str) -> None:
    with pytest.raises(HoursMalformed):
        hours_text.read_season(season)


@pytest.mark.parametrize("periods", ["2026-02-30..2026-03-01", "2026-03-02..2026-03-01", "2026-03-01"])
def test_closed_days_that_cannot_be_read_are_refused(periods: str) -> None:
    with pytest.raises(HoursMalformed):
        hours_text.read_periods(periods)


def test_makeup_days_are_yes_or_no() -> None:
    assert (hours_text.read_yes("yes"), hours_text.read_yes("no")) == (True, False)
    with pytest.raises(HoursMalformed):
        hours_text.read_yes("maybe")
