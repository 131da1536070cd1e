"""Opening hours of a desk: several slots a day, typed as people type, on the working days of the country."""

from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.orm import Session

from helpdesk.hours import DeskHours, desk_hours, read_typed, typed_week, write_slots, write_week
from helpdesk.models import Desk
from registry_core.calendars.errors import HoursMalformed
from registry_core.calendars.models import DayKind
from registry_core.calendars.working_days import WorkingDays
from tests.helpdesk.conftest import Scene

WEEK = "mon-fri 08:00-12:00,14:00-17:30"
DAYS = WorkingDays(
    {
        date(2026, 10, 1): DayKind.OFF,
        date(2026, 10, 2): DayKind.OFF,
        date(2026, 10, 5): DayKind.OFF,
        date(2026, 10, 10): DayKind.WORK,
    }
)


def china(month: int, day: int, at: str, *, year: int = 2026) -> datetime:
    """An instant as a clock in China shows it."""
    return datetime.combine(date(year, month, day), time.fromisoformat(at), UTC) - timedelta(hours=8)


def hours(weekly: str = WEEK, holidays: str = "none", *, makeup_days: bool = True) -> DeskHours:
    found = desk_hours(weekly, holidays, makeup_days=makeup_days, days=DAYS)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("07:59", False),
        ("08:00", True),
        ("11:59", True),
        ("12:00", False),
        ("13:59", False),
        ("14:00", True),
        ("17:30", False),
    ],
)
def test_a_desk_is_open_in_each_of_its_slots_and_shut_between(at: str, *, is_open: bool) -> None:
    assert hours().is_open(china(9, 28, at)) is is_open


def test_between_two_slots_a_desk_says_that_it_opens_again_the_same_day() -> None:
    assert hours().opens_at(china(9, 28, "12:00")) == china(9, 28, "14:00")
    assert hours().opens_at(china(9, 28, "17:30")) == china(9, 29, "08:00")


def test_holidays_are_shut_and_the_next_opening_lies_behind_them() -> None:
    assert not hours().is_open(china(10, 1, "09:00"))
    assert hours().opens_at(china(9, 30, "18:00")) == china(10, 6, "08:00")


def test_somebody_on_call_opens_a_desk_on_holidays_for_these_slots_alone() -> None:
    on_call = hours(holidays="10:00-11:00")
    assert on_call.is_open(china(10, 1, "10:30"))
    assert not on_call.is_open(china(10, 1, "09:00"))


def test_a_saturday_worked_in_exchange_is_open_like_a_monday_unless_the_desk_says_no() -> None:
    assert hours().is_open(china(10, 10, "14:00"))
    assert not hours(makeup_days=False).is_open(china(10, 10, "14:00"))
    assert not hours().is_open(china(10, 17, "14:00"))


def test_a_slot_past_midnight_belongs_to_the_day_on_which_it_began() -> None:
    night = hours("sun 22:00-02:00")
    assert night.is_open(china(9, 28, "01:59"))
    assert not night.is_open(china(9, 28, "02:00"))
    assert not night.is_open(china(9, 29, "01:00"))


def test_a_year_that_is_not_published_has_the_week_and_no_holidays() -> None:
    assert hours().is_open(china(10, 1, "09:00", year=2031))
    assert hours().opens_at(china(10, 3, "09:00", year=2031)) == china(10, 3, "14:00", year=2031)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("08:00-12:00, 14:00-17:30", "08:00-12:00, 14:00-17:30"),
        ("8-12，14-17:30", "08:00-12:00, 14:00-17:30"),
        ("8：00—12：00、14：00～17：30", "08:00-12:00, 14:00-17:30"),
        ("14:00 - 17:30 8:00 至 12:00", "08:00-12:00, 14:00-17:30"),
        ("０８：００－１２：００；", "08:00-12:00"),
        ("0-24", "00:00-24:00"),
        ("", ""),
    ],
)
def test_slots_are_read_as_people_type_them(typed: str, read: str) -> None:
    assert write_slots(read_typed(typed)) == read


@pytest.mark.parametrize("typed", ["8", "8-", "早上", "8-12,11-14", "25-26", "8:5-9", "8-12-14", "08:00-12:60"])
def test_what_cannot_be_read_is_refused_with_a_word_of_how_to_write_it(typed: str) -> None:
    with pytest.raises(HoursMalformed) as refusal:
        read_typed(typed)
    assert "：" in refusal.value.text


def test_a_week_comes_back_as_it_was_typed() -> None:
    week = ["08:00-12:00, 14:00-17:30", "", "00:00-24:00", "22:00-02:00", "", "09:00-12:00", ""]
    assert typed_week(write_week([read_typed(day) for day in week])) == week


# ── the step from rows to texts ───────────────────────────────────────────────────────────────────────────────────────


def test_rows_of_before_become_the_same_hours(session: Session, scene: Scene) -> None:
    desk = scene.desk("雁塔区")
    session.execute(
        text("CREATE TEMP TABLE desk_hours (desk_id uuid, weekday int, opens time, closes time) ON COMMIT DROP")
    )
    rows = [
        (1, "08:30", "12:00"),
        (1, "14:00", "17:30"),
        (3, "00:00", "23:59"),
        (6, "09:00", "11:00"),
        (6, "10:00", "12:00"),
    ]
    for weekday, opens, closes in rows:
        session.execute(
            text("INSERT INTO desk_hours VALUES (:desk, :weekday, :opens, :closes)"),
            {"desk": desk.id, "weekday": weekday, "opens": opens, "closes": closes},
        )
    step = load_step()
    with Operations.context(MigrationContext.configure(session.connection())):
        step.convert()
    session.expire_all()
    assert desk.weekly_slots == "mon 08:30-12:00,14:00-17:30;wed 00:00-23:59;sat 09:00-12:00"
    assert session.query(Desk).filter(Desk.weekly_slots != "").count() == 1


def load_step() -> Any:
    """Load the migration: its name begins with a digit."""
    path = Path(__file__).parents[2] / "migrations" / "versions" / "0021_desk_hours.py"
    spec = importlib.util.spec_from_file_location("desk_hours_step", path)
    assert spec is not None
    assert spec.loader is not None
    step = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(step)
    return step
