"""The only place that reads the wall clock; tests and the state machine move it by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


class FrozenClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self.instant = start

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.instant += by


_frozen: list[FrozenClock] = []


def now() -> datetime:
    """Say the present instant as an aware datetime in UTC."""
    return _frozen[-1].instant if _frozen else datetime.now(UTC)


def local(instant: datetime) -> datetime:
    """Say an instant in the time that people in China read (Asia/Shanghai, UTC+8, no summer time)."""
    return instant.astimezone(BEIJING)


@contextmanager
def frozen(start: datetime) -> Iterator[FrozenClock]:
    """Freeze `now()` for a test at `start` (aware)."""
    clock = FrozenClock(start)
    _frozen.append(clock)
    try:
        yield clock
    finally:
        _frozen.remove(clock)
