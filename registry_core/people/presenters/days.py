"""The last day of what ends: who was given something until the 31st reads the 31st, not the midnight behind it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from registry_core import clock


def last_day(until: datetime) -> date:
    """Say on which day in China something holds for the last time; at the instant itself it has ended."""
    return clock.local(until - timedelta(microseconds=1)).date()
