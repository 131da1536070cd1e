"""Two people change the tree at the same moment, on connections of their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from registry_core.orgs import queries, services
from registry_core.orgs.errors import CodeTaken, UnitIsClosed
from registry_core.orgs.models import CodeScheme, Level, OrgUnit

if TYPE_CHECKING:
    from tests.conftest import Cast

PATIENCE_SECONDS = 10.0
SCHOOL = CodeScheme.SCHOOL_CODE


def while_the_first_has_not_committed(
    engine: Engine, first: Callable[[Session], object], second: Callable[[Session], object]
) -> None:
    """Start the second when the first has written, see it wait, commit the first, and let the second end."""
    with Session(engine) as one, ThreadPoolExecutor(1) as pool:
        first(one)
        outcome = pool.submit(_alone, engine, second)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not outcome.done() and not _somebody_waits(engine):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert not outcome.done(), "the second did not wait for the first"
        one.commit()
        outcome.result(PATIENCE_SECONDS)


def _alone(engine: Engine, act: Callable[[Session], object]) -> None:
    with Session(engine) as session, session.begin():
        act(session)


def _somebody_waits(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


def get(session: Session, unit: OrgUnit) -> OrgUnit:
    return session.get_one(OrgUnit, unit.id)


def test_a_school_added_during_a_move_lands_at_the_new_place(engine: Engine, committed: Cast) -> None:
    xian, yanta, hubei = (committed.unit(name) for name in ("西安市", "雁塔区", "湖北省"))
    while_the_first_has_not_committed(
        engine,
        lambda one: services.move_unit(one, get(one, xian), get(one, hubei)),
        lambda two: services.add_school(two, get(two, yanta), name="新学校"),
    )
    with Session(engine) as session:
        assert queries.path_names(session, committed.unit("新学校")) == "湖北省 › 西安市 › 雁塔区 › 新学校"
        assert queries.is_within(session, committed.unit("新学校").id, hubei.id)


def test_a_move_waits_for_a_school_that_is_being_added_and_takes_it_along(engine: Engine, committed: Cast) -> None:
    xian, yanta, hubei = (committed.unit(name) for name in ("西安市", "雁塔区", "湖北省"))
    while_the_first_has_not_committed(
        engine,
        lambda one: services.add_school(one, get(one, yanta), name="新学校"),
        lambda two: services.move_unit(two, get(two, xian), get(two, hubei)),
    )
    with Session(engine) as session:
        assert queries.path_names(session, committed.unit("新学校")) == "湖北省 › 西安市 › 雁塔区 › 新学校"


def test_nothing_is_added_under_a_unit_that_is_being_closed(engine: Engine, committed: Cast) -> None:
    with Session(engine) as session, session.begin():
        services.add_unit(session, get(session, committed.unit("武汉市")), level=Level.COUNTY, name="青山区")
    closing = committed.unit("青山区")
    with pytest.raises(UnitIsClosed):
        while_the_first_has_not_committed(
            engine,
            lambda one: services.close_unit(one, get(one, closing)),
            lambda two: services.add_school(two, get(two, closing), name="新学校"),
        )


def test_of_two_who_want_one_code_the_second_is_told_who_has_it(engine: Engine, committed: Cast) -> None:
    xian, hubei = committed.unit("西安市"), committed.unit("湖北省")
    with pytest.raises(CodeTaken) as refused:
        while_the_first_has_not_committed(
            engine,
            lambda one: services.assign_code(
                one, services.add_school(one, get(one, xian), name="甲校"), SCHOOL, "2161000009"
            ),
            lambda two: services.assign_code(
                two, services.add_school(two, get(two, hubei), name="乙校"), SCHOOL, "2161000009"
            ),
        )
    assert "“甲校”" in refused.value.text
