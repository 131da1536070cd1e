"""What holds for every deadline, whatever the day and the desk."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_core.calendars.errors import YearNotPublished
from registry_core.calendars.models import DayKind
from registry_core.calendars.working_days import WorkingDays
from tests.registry_core.calendars.golden import desks, shipped

starts = st.dates(date(2023, 12, 31), date(2026, 6, 30))
targets = st.integers(1, 60)
instants = st.integers(0, 820 * 24 * 60).map(
    lambda minute: datetime(2024, 1, 2, tzinfo=UTC) + timedelta(minutes=minute)
)
open_desks = st.sampled_from(sorted(desks().keys() - {"unstaffed"}))


@given(starts, targets)
def test_a_due_date_is_a_working_day_after_the_start(start: date, days: int) -> None:
    due = shipped().add(start, days).due
    assert due is not None
    assert due > start
    assert shipped().is_working_day(due)


@given(starts, starts, targets)
def test_who_starts_earlier_is_never_due_later(one: date, other: date, days: int) -> None:
    earlier, later = (shipped().add(start, days).due for start in sorted((one, other)))
    assert earlier is not None
    assert later is not None
    assert earlier <= later


@given(starts, targets, targets)
def test_a_target_in_two_parts_is_due_as_in_one(start: date, first: int, second: int) -> None:
    half = shipped().add(start, first).due
    assert half is not None
    assert shipped().add(half, second) == shipped().add(start, first + second)


@given(starts, targets)
def test_as_many_working_days_lie_between_as_were_given(start: date, days: int) -> None:
    due = shipped().add(start, days).due
    assert due is not None
    assert shipped().count(start, due) == days
    assert shipped().count(due, start) == -days


@given(st.sets(st.dates(date(2025, 1, 1), date(2026, 12, 31)), min_size=1), starts, targets)
def test_a_deadline_lies_in_published_years_or_is_provisional(off: set[date], start: date, days: int) -> None:
    calendar = WorkingDays(dict.fromkeys(off, DayKind.OFF))
    found = calendar.add(start, days)
    assert found.is_provisional is (found.due is None)
    assert found.due is None or found.due.year in calendar.published_years


@given(open_desks, instants, st.integers(1, 900), st.integers(1, 900))
def test_working_time_in_two_parts_is_due_as_in_one(desk: str, start: datetime, first: int, second: int) -> None:
    hours = desks()[desk]
    half = hours.due(start, first).due
    assert half is not None
    assert hours.due(half, second) == hours.due(start, first + second)


@given(open_desks, instants, st.integers(1, 900), instants, st.integers(1, 5000))
def test_a_pause_never_makes_anything_due_earlier(
    desk: str, start: datetime, minutes: int, pause: datetime, length: int
) -> None:
    hours = desks()[desk]
    paused = hours.due(start, minutes, [(pause, pause + timedelta(minutes=length))]).due
    unpaused = hours.due(start, minutes).due
    assert paused is not None
    assert unpaused is not None
    assert paused >= unpaused
    assert not pause < paused <= pause + timedelta(minutes=length)


@given(open_desks, instants, st.integers(1, 900), st.lists(st.tuples(instants, st.integers(1, 5000)), max_size=4))
def test_pauses_count_the_same_in_any_order(
    desk: str, start: datetime, minutes: int, drawn: list[tuple[datetime, int]]
) -> None:
    hours = desks()[desk]
    pauses = [(begins, begins + timedelta(minutes=length)) for begins, length in drawn]
    assert hours.due(start, minutes, pauses) == hours.due(start, minutes, reversed([*pauses, *pauses]))


def test_nobody_is_told_about_a_day_of_a_year_that_is_not_published() -> None:
    with pytest.raises(YearNotPublished):
        shipped().is_working_day(date(2027, 1, 4))


def test_nothing_is_due_after_no_time() -> None:
    with pytest.raises(ValueError, match="at least one working day"):
        shipped().add(date(2026, 1, 5), 0)
    with pytest.raises(ValueError, match="at least one minute"):
        desks()["county"].due(datetime(2026, 1, 5, tzinfo=UTC), 0)


def test_working_time_that_runs_into_a_year_that_is_not_published_is_provisional() -> None:
    found = desks()["county"].due(datetime(2026, 12, 31, 9, 0, tzinfo=UTC), 60)
    assert (found.due, found.is_provisional) == (None, True)
