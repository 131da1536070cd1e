"""Whatever is added, moved and closed in whatever order: the paths agree with a walk from parent to parent."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from registry_core.errors import DomainError
from registry_core.orgs import queries, services
from registry_core.orgs.models import Level, OrgUnit, UnitKind, lineage
from registry_core.orgs.queries import WHOLE_TREE

SORTS = (
    (Level.PROVINCE, UnitKind.AUTHORITY),
    (Level.CITY, UnitKind.AUTHORITY),
    (Level.COUNTY, UnitKind.AUTHORITY),
    (Level.SCHOOL, UnitKind.SCHOOL),
    (Level.SCHOOL, UnitKind.TEACHING_POINT),
)
choices = st.integers(0, 30)
additions = st.tuples(st.just("add"), choices, st.sampled_from(SORTS))
moves = st.tuples(st.just("move"), choices, choices)


class Walk:
    """A naive tree: each unit knows its parent, and everything else is found by walking up."""

    def __init__(self) -> None:
        self.parents: dict[UUID, UUID | None] = {}

    def up(self, unit_id: UUID) -> list[UUID]:
        """The unit and all above it, top first."""
        parent = self.parents[unit_id]
        return [*(self.up(parent) if parent is not None else []), unit_id]

    def down(self, unit_id: UUID) -> set[UUID]:
        """The unit and all below it."""
        return {each for each in self.parents if unit_id in self.up(each)}


def grow(session: Session, walk: Walk, steps: list[tuple[str, int, object]]) -> list[OrgUnit]:
    """Take the steps in the database and, where they are allowed, in the naive tree."""
    units = [services.add_unit(session, None, level=Level.MINISTRY, name="教育部")]
    walk.parents[units[0].id] = None
    for what, choice, argument in steps:
        chosen = units[choice % len(units)]
        try:
            if isinstance(argument, tuple):
                level, kind = argument
                unit = services.add_unit(session, chosen, level=level, kind=kind, name=what)
                units.append(unit)
                walk.parents[unit.id] = chosen.id
            elif isinstance(argument, int):
                target = units[argument % len(units)]
                services.move_unit(session, chosen, target)
                walk.parents[chosen.id] = target.id
        except DomainError:
            # What a rule refuses must leave both trees as they were.
            continue
    return units


@given(steps=st.lists(additions | moves, min_size=5, max_size=40))
@settings(max_examples=60, deadline=None)
def test_ancestors_subtrees_and_within_agree_with_a_walk_over_the_parents(
    engine: Engine, steps: list[tuple[str, int, object]]
) -> None:
    with engine.connect() as connection, Session(connection, join_transaction_mode="create_savepoint") as session:
        walk = Walk()
        units = grow(session, walk, steps)
        session.expire_all()
        rows = session.scalars(select(OrgUnit)).all()
        assert {unit.id: unit.parent_id for unit in rows} == walk.parents
        for unit in units:
            assert [each.id for each in queries.list_ancestors(session, unit)] == walk.up(unit.id)
            assert len(lineage(unit.path)) == len(walk.up(unit.id))
            subtree = queries.list_subtree(session, WHOLE_TREE, unit.path)
            assert {each.id for each in subtree} == walk.down(unit.id)
            assert queries.count_subtree(session, WHOLE_TREE, unit.path) == len(walk.down(unit.id))
        for unit, top in zip(units, reversed(units), strict=True):
            assert queries.is_within(session, unit.id, top.id) == (top.id in walk.up(unit.id))


@given(steps=st.lists(additions, min_size=5, max_size=25), moved=choices, target=choices)
@settings(max_examples=40, deadline=None)
def test_no_move_makes_a_circle_or_lifts_a_level(
    engine: Engine, steps: list[tuple[str, int, object]], moved: int, target: int
) -> None:
    with engine.connect() as connection, Session(connection, join_transaction_mode="create_savepoint") as session:
        walk = Walk()
        units = grow(session, walk, [*steps, ("move", moved, target)])
        session.expire_all()
        for unit in units:
            ranks = [each.level.rank for each in queries.list_ancestors(session, unit)]
            assert ranks == sorted(ranks)
            assert ranks[:-1] == sorted(set(ranks[:-1]))
            assert ranks[0] == 0
