"""The cast at noon on a working day, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from chat.presence import Presence
from portal.demonstration import load_cast
from registry_core import clock
from registry_core.clock import FrozenClock
from tests.conftest import Cast, build_small_tree
from tests.registry_core.away.away_house import Away

NOON = datetime(2026, 6, 3, 12, 0, tzinfo=clock.BEIJING)


@pytest.fixture
def time() -> Iterator[FrozenClock]:
    """The clock."""
    with clock.frozen(NOON) as frozen:
        yield frozen


@pytest.fixture
def cast(session: Session, time: FrozenClock) -> Cast:
    """The cast, whose roles begin on that day."""
    del time
    build_small_tree(session)
    load_cast(session)
    return Cast(session)


@pytest.fixture
def away(session: Session, cast: Cast, presence: Presence) -> Away:
    """The house, looked over once: what lay there before has been told."""
    house = Away(session, cast, presence)
    house.tick()
    return house
