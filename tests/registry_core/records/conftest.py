"""A county whose rules say who enters and who checks: a school with a leader, and one with a single officer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.models import Role, RoleAssignment
from registry_core.clock import FrozenClock
from registry_core.orgs.models import OrgUnit
from registry_core.orgs.services import add_school, set_managing_school
from registry_core.records import queries
from registry_core.records.models import EnteredChange, Entity, EntryState, UnitRecord
from registry_core.records.services import Edit, Saved, save_record
from registry_core.rules.loader import load_packs
from tests.conftest import Cast
from tests.registry_core.approvals.worlds import actor_of, make_person

WITH_LEADER = "西安市雁塔区第二小学（演示）"
ONE_OFFICER = "西安市雁塔区第一小学（演示）"
ENTERER, LEADER, ABOVE, ALONE = "xuexiao2_xueji", "xuexiao_lingdao", "xian_xueji", "xuexiao_xueji"

PAIRS = """
code = "yanta_2026"
name = "雁塔区实施细则"
owner = "610113"
source = "演示"
valid_from = 2020-01-01

[rules.entry_pairs]
clause = "第十八条"
[[rules.entry_pairs.value.pairs]]
what = "supervising_unit"
entered_by = ["centre_school_administrator", "registry_administrator"]
checked_by = "registry_administrator"
at = "own"
from_below = true
[[rules.entry_pairs.value.pairs]]
what = "school"
entered_by = ["registry_administrator", "centre_school_administrator"]
checked_by = "registry_leader"
at = "school"

[rules.entry_stand_ins]
clause = "第十九条"
value = { order = ["centre_school", "above"] }

[rules."approvals.department"]
clause = "第二十条"
value = { approved_by = "registry_administrator" }
"""


class Governed:
    """The county, its people, and short words for what they do."""

    def __init__(self, session: Session, cast: Cast) -> None:
        self.session = session
        self.cast = cast
        self.school = cast.unit(WITH_LEADER)
        self.alone = cast.unit(ONE_OFFICER)
        self.county = cast.unit("雁塔区")

    def actor(self, person: str) -> Actor:
        """Somebody of the cast, with the roles of now."""
        return self.cast.actor(person)

    def person(self, unit: OrgUnit, *roles: Role, name: str = "某人（演示）") -> Actor:
        """Somebody new with roles at a unit."""
        account_id = make_person(self.session, unit, roles[0], name=name)
        for role in roles[1:]:
            self.hold(account_id, unit, role)
        return actor_of(self.session, account_id)

    def hold(self, account_id: UUID, unit: OrgUnit, role: Role) -> Actor:
        """Let somebody hold a role without asking whether it conflicts, as what was carried over from before might."""
        held = RoleAssignment(account_id=account_id, unit_id=unit.id, role=role, valid_from=clock.now())
        self.session.add(held)
        self.session.flush()
        return actor_of(self.session, account_id)

    def save(
        self, person: str | Actor, version: int = 0, *, unit: OrgUnit | None = None, revision: int = 0, **values: Any
    ) -> Saved:
        """Save the record of the school with a leader, or of another unit."""
        actor = self.actor(person) if isinstance(person, str) else person
        place = unit or self.school
        entity = Entity.SUPERVISING_UNIT if place.id == self.county.id else Entity.SCHOOL
        return save_record(self.session, actor, place.id, entity, Edit(values, version, revision))

    def record(self, unit: OrgUnit | None = None) -> UnitRecord:
        """The record of a school."""
        found = queries.find_record(self.session, unit or self.school, Entity.SCHOOL)
        assert found is not None
        return found

    def held(self, unit: OrgUnit | None = None) -> dict[str, Any]:
        """What the record of a school says in fact."""
        return self.record(unit).values

    def waiting(self) -> list[EnteredChange]:
        """Every change that waits, oldest first."""
        query = select(EnteredChange).where(EnteredChange.state == EntryState.WAITING)
        return list(self.session.scalars(query.order_by(EnteredChange.entered_at, EnteredChange.id)))

    def to_check(self, person: str | Actor) -> list[UUID]:
        """What waits for somebody's check."""
        actor = self.actor(person) if isinstance(person, str) else person
        return [entry.change.id for entry in queries.list_to_check(self.session, actor, limit=100)]

    def add_centre(self) -> OrgUnit:
        """Put the school with one officer under a centre school."""
        centre = add_school(self.session, self.county, name="曲江中心校（演示）")
        set_managing_school(self.session, self.alone, centre)
        return centre


@pytest.fixture
def now() -> Iterator[FrozenClock]:
    """The clock, which stands until it is moved."""
    with clock.frozen(datetime(2026, 9, 28, 1, 0, tzinfo=UTC)) as frozen:
        yield frozen


@pytest.fixture
def write_pack(tmp_path: Path) -> Callable[[str], Path]:
    """Write a pack file."""

    def write(text: str) -> Path:
        path = tmp_path / "yanta_2026.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def governed(session: Session, cast: Cast, write_pack: Callable[[str], Path]) -> Governed:
    """The county under a division of duties of its own."""
    load_packs(session, [write_pack(PAIRS)])
    return Governed(session, cast)
