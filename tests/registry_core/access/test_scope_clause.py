"""A scope limits a query to the same units that it covers, through the index of paths."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Engine, Select, literal, select, text
from sqlalchemy.orm import Session

from registry_core.access.actors import Scope
from registry_core.orgs.models import OrgUnit
from tests.conftest import Cast


def found(session: Session, scope: Scope) -> set[str]:
    return set(session.scalars(select(OrgUnit.path).where(scope.clause(OrgUnit.path))))


@pytest.mark.parametrize("names", [["雁塔区"], ["陕西省"], ["教育部"], ["雁塔区", "湖北省"], ["西安市", "雁塔区"], []])
def test_a_query_finds_what_the_scope_covers(session: Session, cast: Cast, names: list[str]) -> None:
    scope = Scope(tuple(cast.unit(name).path for name in names))
    paths = set(session.scalars(select(OrgUnit.path)))
    assert found(session, scope) == {path for path in paths if scope.covers(path)}


def test_a_unit_whose_number_begins_alike_lies_outside(session: Session, cast: Cast) -> None:
    county = cast.unit("雁塔区")
    alike = county.path[:-1] + "0/"
    assert not Scope((county.path,)).covers(alike)
    clause = Scope((county.path,)).clause
    assert session.scalar(select(clause(literal(county.path).collate("C"))))
    assert not session.scalar(select(clause(literal(alike).collate("C"))))


def generic(engine: Engine, query: Select[str]) -> str:
    """The statement with numbered places, as a prepared one has them."""
    places: dict[str, int] = {}
    return re.sub(
        r"%\((\w+)\)s", lambda place: f"${places.setdefault(place[1], len(places) + 1)}", str(query.compile(engine))
    )


def test_a_prepared_plan_reaches_the_index_of_paths(engine: Engine) -> None:
    query = select(OrgUnit.path).where(Scope(("/1/2/", "/1/35/")).clause(OrgUnit.path))
    with engine.connect() as connection:
        # A tree of nine units is read faster whole; what counts is that the index can be asked for the two ranges.
        for way in ("seqscan", "indexscan", "indexonlyscan"):
            connection.execute(text(f"SET LOCAL enable_{way} = off"))
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN (GENERIC_PLAN) {generic(engine, query)}").scalars())
    assert "uq_org_unit_path" in plan
    assert len(re.findall(r"Index Cond: \(\(path >= .* AND \(path < ", plan)) == 2, plan
