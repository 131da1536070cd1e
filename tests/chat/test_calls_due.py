"""The clock reads all open calls at once and touches only those about which there is something to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from chat.models import CallPart, PartState
from chat.queries.calls_due import list_calls_due
from chat.services.calls import LOST_AFTER, RINGS_FOR, watch_calls
from registry_core import clock
from registry_core.access.models import RoleAssignment
from registry_core.access.services import end_role
from tests.chat.call_desk import CITY, COUNTY, LEAD, SCHOOL, TECHNICIAN, CallDesk
from tests.conftest import Cast

SECOND = timedelta(seconds=1)


@pytest.fixture
def desk(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> CallDesk:
    desk = CallDesk(session, cast, clock.now())
    monkeypatch.setattr(clock, "now", lambda: desk.now)
    return desk


def due(desk: CallDesk, *gone: str, knows: bool = True) -> list[UUID]:
    """What the clock has to look at while everybody is connected but these."""
    away = {desk.cast.id(name) for name in gone}
    here = set(desk.session.scalars(select(CallPart.account_id))) - away if knows else None
    return list_calls_due(desk.session, here, rings_for=RINGS_FOR, lost_after=LOST_AFTER)


def test_a_call_in_which_nothing_happens_is_left_alone(desk: CallDesk) -> None:
    ringing = desk.start(SCHOOL, desk.direct(SCHOOL, COUNTY))
    running = desk.start(TECHNICIAN, desk.direct(TECHNICIAN, LEAD))
    desk.accept(LEAD, running)
    assert due(desk) == []
    assert due(desk, knows=False) == []
    desk.now += RINGS_FOR - SECOND
    assert due(desk) == []
    desk.now += SECOND
    assert due(desk) == [ringing.id]


def test_who_is_gone_or_is_back_makes_it_due(desk: CallDesk) -> None:
    call = desk.start(SCHOOL, desk.direct(SCHOOL, COUNTY))
    desk.accept(COUNTY, call)
    assert due(desk, COUNTY) == [call.id]
    assert due(desk, COUNTY, knows=False) == []
    watch_calls(desk.session, {desk.cast.id(SCHOOL)})
    assert due(desk, COUNTY) == []  # it is noted, and for a while nothing follows from it
    assert due(desk) == [call.id]
    desk.now += LOST_AFTER
    assert due(desk, COUNTY) == [call.id]


def test_a_lost_line_makes_it_due_once_its_time_is_over(desk: CallDesk) -> None:
    call = desk.start(SCHOOL, desk.direct(SCHOOL, COUNTY))
    desk.accept(COUNTY, call)
    desk.lose_line(COUNTY)
    assert due(desk) == []
    desk.now += LOST_AFTER
    assert due(desk) == [call.id]


def test_who_joined_elsewhere_makes_the_call_that_rings_due(desk: CallDesk) -> None:
    first = desk.start(SCHOOL, desk.direct(SCHOOL, COUNTY))
    second = desk.start(CITY, desk.direct(CITY, COUNTY))
    assert due(desk) == []
    desk.accept(COUNTY, second)
    assert due(desk) == [first.id]


def test_who_loses_the_right_makes_it_due_whether_it_rings_or_runs(desk: CallDesk) -> None:
    ringing = desk.start(SCHOOL, desk.direct(SCHOOL, COUNTY))
    running = desk.start(TECHNICIAN, desk.direct(TECHNICIAN, LEAD))
    desk.accept(LEAD, running)
    for name, call in ((COUNTY, ringing), (LEAD, running)):
        held = select(RoleAssignment.id).where(RoleAssignment.account_id == desk.cast.id(name))
        for assignment_id in desk.session.scalars(held).all():
            end_role(desk.session, assignment_id)
        desk.now += SECOND
        assert call.id in due(desk)
    assert due(desk) == [ringing.id, running.id]


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Count what the database is asked."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_many_calls_cost_as_many_questions_as_one(desk: CallDesk, engine: Engine) -> None:
    one = desk.start(SCHOOL, desk.group(SCHOOL, COUNTY))
    desk.accept(COUNTY, one)
    everybody = {desk.cast.id(name) for name in (SCHOOL, COUNTY, TECHNICIAN, LEAD)}
    watch_calls(desk.session, everybody)
    with counted(engine) as before:
        watch_calls(desk.session, everybody)
    other = desk.start(TECHNICIAN, desk.group(TECHNICIAN, LEAD))
    desk.accept(LEAD, other)
    with counted(engine) as after:
        watch_calls(desk.session, everybody)
    assert desk.state_of(LEAD, other) is PartState.JOINED
    assert len(after) == len(before)
    assert not any("FOR UPDATE" in statement for statement in after)
