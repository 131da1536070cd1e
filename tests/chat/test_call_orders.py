"""Whatever people and the clock do, in any order, a call stays in one of its states and ends once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat import queries
from chat.models import CallState, PartState
from chat.queries.calls import CallRow, read_call
from chat.services.calls import LOST_AFTER
from registry_core.errors import DomainError
from tests.chat.call_desk import COUNTY, SCHOOL, TECHNICIAN, CallDesk

PEOPLE = (COUNTY, SCHOOL, TECHNICIAN)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["start", "accept", "decline", "leave", "lose"]), st.sampled_from(PEOPLE)),
        st.tuples(st.just("wait"), st.sampled_from([1, 10, 16, 46])),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_people_do_the_call_stays_in_order(desk: CallDesk, steps: list[tuple[str, str | int]]) -> None:
    outer = desk.session.begin_nested()
    began = desk.now
    talk = desk.group(*PEOPLE)
    known: list[CallRow] = []
    acts: dict[str, Callable[[str, CallRow], object]] = {
        "accept": desk.accept,
        "decline": desk.decline,
        "leave": desk.leave,
        "lose": lambda name, _call: desk.lose_line(name),
    }
    for what, how in steps:
        try:
            if isinstance(how, int):
                desk.later(timedelta(seconds=how))
            elif what == "start":
                known.append(desk.start(how, talk))
            elif known:
                acts[what](how, known[-1])
        except DomainError:
            pass
        check(desk, talk, known)
    desk.later(LOST_AFTER)
    outer.rollback()
    desk.now = began


def check(desk: CallDesk, talk: UUID, known: list[CallRow]) -> None:
    desk.session.flush()
    ids = {call.id for call in known}
    rows = [read_call(desk.session, call_id) for call_id in ids]
    assert sum(row.state is not CallState.ENDED for row in rows) <= 1
    assert len([note for note in desk.notes(talk) if "通话" in note]) == sum(
        row.state is CallState.ENDED for row in rows
    )
    for row in rows:
        states = [one.state for one in row.people]
        if row.state is CallState.ENDED:
            assert PartState.JOINED not in states
            assert PartState.RINGING not in states
        elif row.state is CallState.RINGING:
            assert states.count(PartState.JOINED) == 1
            assert PartState.RINGING in states
        else:
            assert PartState.JOINED in states
            assert states.count(PartState.JOINED) > 1 or PartState.RINGING in states
    assert queries.read_marks(desk.session, talk)
