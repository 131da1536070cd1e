"""When rights of connected people end by their own date: who is looked at, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from portal.endings import Endings
from registry_core import clock
from registry_core.clock import FrozenClock
from registry_core.db import new_id

ONE, OTHER = new_id(), new_id()


@pytest.fixture
def time() -> Iterator[FrozenClock]:
    with clock.frozen(datetime.now(UTC)) as frozen:
        yield frozen


def test_nobody_is_looked_at_before_the_moment_and_each_at_it(time: FrozenClock) -> None:
    endings = Endings()
    endings.note("a", ONE, None, clock.now() + timedelta(seconds=5))
    endings.note("b", OTHER, clock.now() + timedelta(seconds=9), clock.now() + timedelta(seconds=6))
    time.move(timedelta(seconds=5, microseconds=-1))
    assert endings.take_due() == frozenset()
    time.move(timedelta(microseconds=1))
    assert endings.take_due() == {ONE}
    time.move(timedelta(seconds=1))
    assert endings.take_due() == {ONE, OTHER}


def test_who_has_gone_or_ends_by_no_date_any_more_is_not_looked_at(time: FrozenClock) -> None:
    endings = Endings()
    for sid in ("gone", "longer"):
        endings.note(sid, ONE, clock.now() + timedelta(seconds=5))
    endings.forget("gone")
    endings.note("longer", ONE, None)
    time.move(timedelta(seconds=6))
    assert endings.take_due() == frozenset()


def test_who_has_just_connected_is_looked_at_once() -> None:
    endings = Endings()
    endings.welcome(ONE)
    assert endings.take_due() == {ONE}
    assert endings.take_due() == frozenset()
