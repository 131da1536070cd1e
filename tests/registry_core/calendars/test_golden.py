"""Every row of the golden files, and the examples that the conventions work out by hand."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from registry_core.calendars.opening_hours import Target
from registry_core.calendars.working_days import Deadline
from tests.registry_core.calendars.golden import desks, pauses, read, shipped

DAYS = read("golden_days_public.csv")
HOURS = read("golden_hours_public.csv")
PAUSES = read("golden_pauses_public.csv")


def test_the_files_are_whole() -> None:
    assert (len(DAYS), len(HOURS), len(PAUSES), len(desks())) == (400, 500, 100, 14)


@pytest.mark.parametrize("row", DAYS, ids=lambda row: row["case_id"])
def test_deadline_in_working_days(row: dict[str, str]) -> None:
    found = shipped().add(date.fromisoformat(row["start_date"]), int(row["working_days"]))
    due = date.fromisoformat(row["due_date"]) if row["due_date"] else None
    assert found == Deadline(due, is_provisional=row["note"] == "provisional")


@pytest.mark.parametrize("row", [*HOURS, *PAUSES], ids=lambda row: row["case_id"])
def test_target_in_working_minutes(row: dict[str, str]) -> None:
    start, minutes = datetime.fromisoformat(row["start"]), int(row["working_minutes"])
    found = desks()[row["calendar_id"]].due(start, minutes, pauses(row.get("pauses", "")))
    due = datetime.fromisoformat(row["due"]) if row["due"] else None
    assert (due is None) is (row["note"] == "never")
    assert found == Target(due, is_provisional=False)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-09-28", 7, "2026-10-13"),
        ("2026-09-21", 20, "2026-10-26"),
        ("2026-02-12", 7, "2026-02-28"),
        ("2025-01-24", 5, "2025-02-07"),
        ("2026-11-30", 23, "2026-12-31"),
    ],
)
def test_the_examples_of_the_issue_and_the_conventions(start: str, days: int, due: str) -> None:
    found = shipped().add(date.fromisoformat(start), days)
    assert found == Deadline(date.fromisoformat(due), is_provisional=False)


def test_a_deadline_past_the_last_published_year_is_provisional() -> None:
    assert shipped().add(date(2026, 11, 30), 24) == Deadline(None, is_provisional=True)


@pytest.mark.parametrize(
    ("desk", "start", "minutes", "paused", "due"),
    [
        ("county", "2024-09-14T17:00", 60, "", "2024-09-18T09:00"),
        ("county", "2025-03-10T08:30", 210, "", "2025-03-10T12:00"),
        ("county", "2025-03-10T12:00", 1, "", "2025-03-10T14:01"),
        ("night", "2025-01-24T20:00", 360, "", "2025-01-25T02:00"),
        ("night", "2025-01-24T20:00", 361, "", "2025-01-26T20:01"),
        ("night", "2025-01-27T20:00", 361, "", "2025-02-05T20:01"),
        ("night", "2025-03-11T20:00", 361, "", "2025-03-13T20:01"),
        ("day-night", "2024-04-30T20:00", 1440, "", "2024-05-01T20:00"),
        ("school", "2025-06-30T17:00", 30, "", "2025-07-02T09:10"),
        ("saturday-plain", "2025-02-07T18:00", 180, "", "2025-02-08T12:00"),
        ("saturday-plain", "2025-01-25T12:00", 60, "", "2025-01-27T10:00"),
        ("weekend", "2025-02-07T12:00", 60, "", "2025-02-09T10:00"),
        ("shifts", "2025-03-10T15:00", 480, "", "2025-03-11T00:00"),
        ("county", "2025-03-10T09:00", 60, "10:00/11:00;09:30/10:30", "2025-03-10T11:30"),
        ("county", "2025-03-10T09:00", 60, "10:00/11:00", "2025-03-10T10:00"),
        ("county", "2025-03-10T09:00", 60, "10:15/10:45;09:30/10:00", "2025-03-10T11:00"),
    ],
)
def test_the_examples_worked_by_hand(desk: str, start: str, minutes: int, paused: str, due: str) -> None:
    hours = (part.split("/") for part in paused.split(";") if part)
    intervals = [(_at(f"{start[:11]}{first}"), _at(f"{start[:11]}{last}")) for first, last in hours]
    assert desks()[desk].due(_at(start), minutes, intervals).due == _at(due)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+08:00")
