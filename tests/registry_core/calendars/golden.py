"""The golden files, and the shipped calendar that they are computed from."""

from __future__ import annotations

import csv
from datetime import datetime
from functools import cache
from pathlib import Path

from registry_core.calendars.opening_hours import Interval, OpeningHours
from registry_core.calendars.services import read_own_days
from registry_core.calendars.working_days import WorkingDays

FOLDER = Path(__file__).parents[2] / "data" / "golden"


def read(name: str) -> list[dict[str, str]]:
    """Every row of a golden file."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def shipped() -> WorkingDays:
    """The calendar of the shipped file: 2024, 2025 and 2026."""
    return WorkingDays({day.day: day.kind for day in read_own_days()})


@cache
def desks() -> dict[str, OpeningHours]:
    """The desks of the golden files by their ids."""
    return {row["calendar_id"]: OpeningHours.parse(row, shipped()) for row in read("calendars.csv")}


def pauses(text: str) -> list[Interval]:
    """Read `from/to;from/to`."""
    ends = (part.split("/") for part in text.split(";") if part)
    return [(datetime.fromisoformat(first), datetime.fromisoformat(last)) for first, last in ends]
