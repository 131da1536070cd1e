"""Each read of the tree is served by an index, in the plan for its values and in the generic one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, event, select, text
from sqlalchemy.orm import Session

from registry_core.access.actors import Scope
from registry_core.orgs import queries
from registry_core.orgs.loader import load_regions
from registry_core.orgs.models import Body, BodyKind, BodyMember, CodeScheme, Level, OrgUnit, Seat
from registry_core.orgs.queries import WHOLE_TREE
from tests.generated_tree import fill


@dataclass(frozen=True, slots=True)
class Forest:
    """The shipped divisions, 20,000 generated schools, and a body for each county."""

    session: Session
    school: OrgUnit
    county: OrgUnit
    province: OrgUnit


@pytest.fixture(scope="module")
def forest(engine: Engine) -> Iterator[Forest]:
    """Filled once for this module, whose tests only read."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            load_regions(session)
            session.flush()
            places = fill(connection, 20_000)
            counties = session.scalars(select(OrgUnit).where(OrgUnit.level == Level.COUNTY)).all()
            bodies = [Body(unit_id=county.id, kind=BodyKind.FINANCE_BUREAU, name="财政局") for county in counties]
            session.add_all(bodies)
            session.flush()
            session.add_all(BodyMember(body_id=body.id, seat=Seat.LEADER, name="演示") for body in bodies)
            session.flush()
            session.execute(text("ANALYZE"))
            school = next(unit for place in places if (unit := session.get_one(OrgUnit, place.id)).path.count("/") == 6)
            _, province, _, county, _ = queries.list_ancestors(session, school)
            yield Forest(session, school, county, province)
        outer.rollback()


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement as it went to the driver."""

    statement: str
    parameters: dict[str, object]


def sent_by(session: Session, act: Callable[[], object]) -> list[Sent]:
    sent: list[Sent] = []
    connection = session.connection()

    def note(_connection: object, _cursor: object, statement: str, parameters: dict[str, object], *_: object) -> None:
        sent.append(Sent(statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    act()
    event.remove(connection, "before_cursor_execute", note)
    return [each for each in sent if each.statement.lstrip().upper().startswith(("SELECT", "WITH"))]


def plans_of(session: Session, sent: Sent) -> dict[str, str]:
    connection = session.connection()
    made = connection.exec_driver_sql(f"EXPLAIN {sent.statement}", sent.parameters).scalars().all()
    places: dict[str, int] = {}
    numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${places.setdefault(found[1], len(places) + 1)}", sent.statement)
    generic = connection.exec_driver_sql(f"EXPLAIN (GENERIC_PLAN) {numbered}").scalars().all()
    return {"for its values": "\n".join(made), "generic": "\n".join(generic)}


READS: dict[str, Callable[[Forest, queries.Scope], object]] = {
    "get_unit": lambda f, scope: queries.get_unit(f.session, scope, f.school.id),
    "find_ministry": lambda f, _: queries.find_ministry(f.session),
    "find_unit_by_code": lambda f, _: queries.find_unit_by_code(f.session, CodeScheme.GBT2260, "610113"),
    "find_code": lambda f, _: queries.find_code(f.session, f.county.id, CodeScheme.GBT2260),
    "list_codes": lambda f, _: queries.list_codes(f.session, f.county.id),
    "list_ancestors": lambda f, _: queries.list_ancestors(f.session, f.school),
    "list_subtree": lambda f, scope: queries.list_subtree(f.session, scope, f.county.path),
    "list_subtree of schools": lambda f, scope: queries.list_subtree(
        f.session, scope, f.county.path, level=Level.SCHOOL
    ),
    "count_subtree of a province": lambda f, scope: queries.count_subtree(f.session, scope, f.province.path),
    "is_within": lambda f, _: queries.is_within(f.session, f.school.id, f.province.id),
    "list_children": lambda f, scope: queries.list_children(f.session, scope, f.county.id),
    "list_managed_schools": lambda f, scope: queries.list_managed_schools(f.session, scope, f.school.id),
    "list_bodies": lambda f, scope: queries.list_bodies(f.session, scope, f.county.id),
    "list_body_members": lambda f, scope: queries.list_body_members(f.session, scope, f.county.id),
    "search_units": lambda f, scope: queries.search_units(f.session, scope, "雁塔"),
    "path_names": lambda f, _: queries.path_names(f.session, f.school),
}


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("is_limited", [False, True], ids=["whole tree", "scope of a province"])
def test_a_read_of_the_tree_is_one_query_served_by_an_index(forest: Forest, name: str, *, is_limited: bool) -> None:
    scope = Scope((forest.province.path,)) if is_limited else WHOLE_TREE
    [sent] = sent_by(forest.session, lambda: READS[name](forest, scope))
    for kind, plan in plans_of(forest.session, sent).items():
        assert "Index" in plan, (kind, plan)
        assert "Seq Scan" not in plan, (kind, plan)
