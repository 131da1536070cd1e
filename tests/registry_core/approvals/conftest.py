"""The cast with a head at its school, the shipped rules and calendar, on Monday 28 September 2026 at nine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.models import Role
from registry_core.calendars.services import load_own_days
from registry_core.clock import FrozenClock
from registry_core.orgs.models import OrgUnit
from registry_core.rules.loader import load_packs
from registry_core.rules.queries import Rule
from tests.conftest import Cast
from tests.portal.conftest import app, browser, shared_app, signed_in
from tests.registry_core.approvals.worlds import SCHOOL, actor_of, make_person, make_rule, make_step

__all__ = ["app", "browser", "shared_app", "signed_in"]

NINE = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)


@pytest.fixture
def now() -> Iterator[FrozenClock]:
    """The clock, which stands until it is moved."""
    with clock.frozen(NINE) as frozen:
        yield frozen


@pytest.fixture
def house(now: FrozenClock, session: Session, cast: Cast) -> Cast:
    """The cast, with rules and calendar loaded."""
    del now
    load_own_days(session)
    load_packs(session)
    return cast


@pytest.fixture
def school(house: Cast) -> OrgUnit:
    """The school of the cast; its only officer is 李晓芸 until a head comes."""
    return house.unit(SCHOOL)


@pytest.fixture
def head(session: Session, school: OrgUnit) -> Actor:
    """The head of the school."""
    head_id: UUID = make_person(session, school, Role.REGISTRY_LEADER, name="郝校长")
    return actor_of(session, head_id)


@pytest.fixture
def officer(house: Cast, school: OrgUnit) -> Actor:
    """Who enters things at the school."""
    del school
    return house.actor("xuexiao_xueji")


@pytest.fixture
def rule(house: Cast) -> Rule:
    """School head, then the county, then the city for senior pupils."""
    return make_rule(
        [
            make_step("school", Role.REGISTRY_LEADER, "school"),
            make_step("county", Role.REGISTRY_ADMINISTRATOR, "county", working_days=7),
        ],
        owner_id=house.unit("陕西省").id,
    )
