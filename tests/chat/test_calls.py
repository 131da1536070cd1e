"""Calls: who rings, who comes in, how it ends, and that rights, the clock and the database hold it together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chat import reactions
from chat.errors import (
    AlreadyInCall,
    CallFull,
    CallNotFound,
    ConversationNotFound,
    ConversationReadOnly,
    NobodyToCall,
    TooManyToCall,
)
from chat.models import CallEnd, CallKind, CallPart, CallState, PartState, TalkCall, TalkGroup
from chat.queries.calls import get_wire, list_calls_of, list_choices, read_call
from chat.services import calls, directs, members
from chat.services.calls import LOST_AFTER, RINGS_FOR, CallPage
from registry_core import clock
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import load_actor
from registry_core.access.services import end_role
from registry_core.db import new_id
from registry_core.notifications.models import Notice
from registry_core.rules.loader import load_packs
from tests.chat.call_desk import CITY, COUNTY, LEAD, SCHOOL, TECHNICIAN, CallDesk
from tests.chat.conftest import Talk
from tests.conftest import Cast

# ── one to one ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_call_rings_is_answered_and_leaves_its_length_in_the_conversation(desk: CallDesk) -> None:
    talk = desk.direct(COUNTY, SCHOOL)
    call = desk.start(COUNTY, talk)
    assert (call.state, desk.state_of(SCHOOL, call)) == (CallState.RINGING, PartState.RINGING)
    assert desk.accept(SCHOOL, call).state is CallState.RUNNING
    desk.now += timedelta(minutes=3, seconds=12)
    ended = desk.leave(COUNTY, call)
    assert (ended.state, ended.outcome) == (CallState.ENDED, CallEnd.ANSWERED)
    assert desk.notes(talk) == ["何文静的语音通话：已接通 3 分 12 秒"]
    assert desk.missed() == []


def test_a_declined_call_ends_without_a_notice(desk: CallDesk) -> None:
    talk = desk.direct(COUNTY, SCHOOL)
    call = desk.start(COUNTY, talk, CallKind.VIDEO)
    assert desk.decline(SCHOOL, call).outcome is CallEnd.DECLINED
    assert desk.notes(talk) == ["何文静的视频通话：对方没有接"]
    assert desk.missed() == []


@pytest.mark.parametrize(("length", "rings"), [(RINGS_FOR - timedelta(seconds=1), True), (RINGS_FOR, False)])
def test_nobody_answers_within_45_seconds(desk: CallDesk, length: timedelta, *, rings: bool) -> None:
    talk = desk.direct(COUNTY, SCHOOL)
    call = desk.start(COUNTY, talk)
    desk.later(length)
    assert (desk.look(call).state is CallState.RINGING) is rings
    if not rings:
        assert desk.look(call).outcome is CallEnd.MISSED
        assert desk.notes(talk) == ["何文静的语音通话：未接来电"]
        assert [one.account_id for one in desk.missed()] == [desk.cast.id(SCHOOL)]


def test_a_missed_call_stands_in_the_bell_once_with_the_way_back(desk: CallDesk) -> None:
    talk = desk.direct(COUNTY, SCHOOL)
    call = desk.start(COUNTY, talk)
    assert desk.leave(COUNTY, call).outcome is CallEnd.LEFT
    (missed,) = desk.missed()
    for _twice in range(2):
        reactions.tell_of_missed_call(desk.session, missed)
    (notice,) = desk.session.scalars(select(Notice).where(Notice.account_id == desk.cast.id(SCHOOL))).all()
    assert (notice.kind, notice.url) == ("call_missed", f"/messages/{talk}")


def test_who_speaks_with_somebody_is_busy_and_reads_of_it_later(desk: CallDesk) -> None:
    call = desk.start(COUNTY, desk.direct(COUNTY, SCHOOL))
    desk.accept(SCHOOL, call)
    talk = desk.direct(TECHNICIAN, SCHOOL)
    other = desk.start(TECHNICIAN, talk)
    assert (other.state, other.outcome) == (CallState.ENDED, CallEnd.BUSY)
    assert desk.notes(talk)[-1].endswith("对方忙")
    assert [one.account_id for one in desk.missed()] == [desk.cast.id(SCHOOL)]
    assert desk.look(call).state is CallState.RUNNING


def test_of_two_that_ring_the_one_not_answered_hears_busy(desk: CallDesk) -> None:
    first = desk.start(COUNTY, desk.direct(COUNTY, SCHOOL))
    second = desk.start(TECHNICIAN, desk.direct(TECHNICIAN, SCHOOL))
    desk.accept(SCHOOL, second)
    desk.later(timedelta(seconds=1))
    assert desk.look(first).outcome is CallEnd.BUSY
    assert desk.look(second).state is CallState.RUNNING


def test_nobody_is_in_two_calls(desk: CallDesk) -> None:
    first = desk.start(COUNTY, desk.direct(COUNTY, SCHOOL))
    with pytest.raises(AlreadyInCall):
        desk.start(COUNTY, desk.direct(COUNTY, TECHNICIAN))
    other = desk.start(TECHNICIAN, desk.direct(TECHNICIAN, SCHOOL))
    desk.accept(SCHOOL, first)
    with pytest.raises(AlreadyInCall):
        desk.accept(SCHOOL, other)


def test_two_who_call_each_other_are_in_one_call(desk: CallDesk) -> None:
    talk = desk.direct(COUNTY, SCHOOL)
    call = desk.start(COUNTY, talk)
    met = desk.start(SCHOOL, talk)
    assert (met.id, met.state) == (call.id, CallState.RUNNING)


# ── pages and lines ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_page_takes_over_and_the_first_one_no_longer_hangs_up(desk: CallDesk) -> None:
    call = desk.start(COUNTY, desk.direct(COUNTY, SCHOOL))
    desk.accept(SCHOOL, call)
    desk.accept(SCHOOL, call, "-phone")
    assert desk.leave(SCHOOL, call).state is CallState.RUNNING
    wire = get_wire(desk.session, desk.cast.actor(COUNTY), call.id, socket=f"line-{COUNTY}", to=desk.cast.id(SCHOOL))
    assert (wire.from_device, wire.to_socket) == (f"page-{COUNTY}", f"line-{SCHOOL}-phone")
    assert desk.leave(SCHOOL, call, "-phone").state is CallState.ENDED


def test_signals_go_between_the_pages_in_the_call_and_nobody_else(desk: CallDesk) -> None:
    call = desk.start(COUNTY, desk.group(COUNTY, SCHOOL, TECHNICIAN))
    desk.accept(SCHOOL, call)
    school, county = desk.cast.id(SCHOOL), desk.cast.id(COUNTY)
    for name, line, to in (
        (COUNTY, "line-elsewhere", school),
        (COUNTY, f"line-{COUNTY}", desk.cast.id(TECHNICIAN)),
        (COUNTY, f"line-{COUNTY}", county),
        (TECHNICIAN, f"line-{TECHNICIAN}", school),
    ):
        with pytest.raises(CallNotFound):
            get_wire(desk.session, desk.cast.actor(name), call.id, socket=line, to=to)


@pytest.mark.parametrize(("length", "is_there"), [(LOST_AFTER - timedelta(seconds=1), True), (LOST_AFTER, False)])
def test_a_lost_line_may_come_back_for_15_seconds(desk: CallDesk, length: timedelta, *, is_there: bool) -> None:
    call = desk.start(COUNTY, desk.direct(COUNTY, SCHOOL))
    desk.accept(SCHOOL, call)
    desk.lose_line(SCHOOL)
    desk.later(length)
    assert (desk.look(call).state is CallState.RUNNING) is is_there


def test_a_page_that_is_back_stays(desk: CallDesk) -> None:
    call = desk.start(COUNTY, desk.direct(COUNTY, SCHOOL))
    desk.accept(SCHOOL, call)
    desk.lose_line(SCHOOL)
    desk.later(timedelta(seconds=10))
    desk.accept(SCHOOL, call, "-again")
    # The old line's end may be heard of late.
    desk.lose_line(SCHOOL)
    desk.later(LOST_AFTER)
    assert desk.look(call).state is CallState.RUNNING


def test_a_caller_whose_line_is_lost_lets_it_ring_no_more(desk: CallDesk) -> None:
    talk = desk.direct(COUNTY, SCHOOL)
    call = desk.start(COUNTY, talk)
    desk.lose_line(COUNTY)
    desk.later(LOST_AFTER)
    assert desk.look(call).outcome is CallEnd.FAILED
    assert "网络中断" in desk.notes(talk)[0]


def test_who_is_gone_without_a_word_leaves_but_an_empty_redis_ends_no_call(desk: CallDesk) -> None:
    call = desk.start(COUNTY, desk.direct(COUNTY, SCHOOL))
    desk.accept(SCHOOL, call)
    desk.later(timedelta(seconds=1), here=False)
    desk.later(timedelta(seconds=5))
    desk.later(LOST_AFTER)
    assert desk.look(call).state is CallState.RUNNING
    desk.later(timedelta(seconds=1), here=False)
    desk.later(LOST_AFTER, here=False)
    assert desk.look(call).state is CallState.ENDED


# ── groups and questions ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_group_of_four_speaks_until_one_is_left_and_who_declined_may_still_come(desk: CallDesk) -> None:
    call = desk.start(COUNTY, desk.group(COUNTY, SCHOOL, TECHNICIAN, LEAD))
    desk.accept(SCHOOL, call)
    desk.decline(TECHNICIAN, call)
    desk.accept(TECHNICIAN, call)
    desk.later(RINGS_FOR)
    assert desk.state_of(LEAD, call) is PartState.MISSED
    assert desk.accept(LEAD, call).state is CallState.RUNNING
    for name in (COUNTY, SCHOOL):
        assert desk.leave(name, call).state is CallState.RUNNING
    assert desk.leave(LEAD, call).outcome is CallEnd.ANSWERED
    assert desk.missed() == []


def test_a_group_of_five_is_too_large_and_nobody_is_nobody(desk: CallDesk) -> None:
    with pytest.raises(TooManyToCall):
        desk.start(COUNTY, desk.group(COUNTY, SCHOOL, TECHNICIAN, LEAD, "xian_jishu2"))
    with pytest.raises(NobodyToCall):
        desk.start(COUNTY, desk.group(COUNTY))


def test_of_a_larger_group_those_ring_who_were_chosen_and_a_fifth_finds_it_full(desk: CallDesk) -> None:
    fifth = "xian_jishu2"
    group = desk.group(COUNTY, SCHOOL, TECHNICIAN, LEAD, fifth)
    call = desk.start(COUNTY, group, chosen=(SCHOOL, TECHNICIAN))
    assert {one.account_id for one in call.people} == {desk.cast.id(one) for one in (COUNTY, SCHOOL, TECHNICIAN)}
    for name in (SCHOOL, TECHNICIAN):
        desk.accept(name, call)
    # Who was not chosen comes in by calling, while there is room.
    assert desk.start(LEAD, group).id == call.id
    with pytest.raises(CallFull):
        desk.start(fifth, group)
    desk.leave(SCHOOL, call)
    assert desk.start(fifth, group).state is CallState.RUNNING


def test_nobody_outside_the_conversation_can_be_chosen(desk: CallDesk) -> None:
    group = desk.group(COUNTY, SCHOOL)
    with pytest.raises(NobodyToCall):
        desk.start(COUNTY, group, chosen=(CITY,))
    assert [one.account_id for one in desk.start(COUNTY, group, chosen=(CITY, SCHOOL)).people] == [
        desk.cast.id(COUNTY),
        desk.cast.id(SCHOOL),
    ]


def test_whom_one_may_choose_are_the_others_there_and_who_speaks_is_busy(desk: CallDesk) -> None:
    group = desk.group(COUNTY, SCHOOL, TECHNICIAN, LEAD)
    members.remove_member(desk.session, desk.cast.actor(COUNTY), group, desk.cast.id(LEAD))
    desk.accept(SCHOOL, desk.start(CITY, desk.direct(CITY, SCHOOL)))
    choices = list_choices(desk.session, desk.cast.actor(COUNTY), group)
    assert {one.account_id: one.is_busy for one in choices} == {
        desk.cast.id(SCHOOL): True,
        desk.cast.id(TECHNICIAN): False,
    }


def test_asker_and_technician_of_a_question_call_each_other(desk: CallDesk, talk: Talk) -> None:
    call = desk.start(SCHOOL, talk.id)
    assert {one.account_id for one in call.people} == {desk.cast.id(SCHOOL), desk.cast.id(TECHNICIAN)}
    desk.later(RINGS_FOR)
    (missed,) = desk.missed()
    reactions.tell_of_missed_call(desk.session, missed)
    (notice,) = desk.session.scalars(select(Notice).where(Notice.kind == "call_missed")).all()
    assert notice.url.startswith("/console/")


# ── rights ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_may_not_know_of_a_conversation_knows_of_no_call(desk: CallDesk) -> None:
    talk = desk.direct(COUNTY, SCHOOL)
    with pytest.raises(ConversationNotFound):
        desk.start(CITY, talk)
    call = desk.start(COUNTY, talk)
    for act in (desk.accept, desk.decline, desk.leave):
        with pytest.raises(CallNotFound):
            act(CITY, call)
    assert list_calls_of(desk.session, desk.cast.actor(CITY)) == []
    assert [one.id for one in list_calls_of(desk.session, desk.cast.actor(SCHOOL))] == [call.id]


def test_who_only_reads_may_not_call(desk: CallDesk) -> None:
    group = desk.group(COUNTY, SCHOOL)
    desk.session.execute(update(TalkGroup).where(TalkGroup.conversation_id == group).values(is_read_only=True))
    with pytest.raises(ConversationReadOnly):
        desk.start(SCHOOL, group)


def test_losing_the_right_ends_ones_part(desk: CallDesk) -> None:
    group = desk.group(COUNTY, SCHOOL, TECHNICIAN)
    call = desk.start(COUNTY, group)
    desk.accept(SCHOOL, call)
    desk.accept(TECHNICIAN, call)
    members.remove_member(desk.session, desk.cast.actor(COUNTY), group, desk.cast.id(TECHNICIAN))
    desk.later(timedelta(seconds=1))
    assert desk.state_of(TECHNICIAN, call) is PartState.LEFT
    assert desk.look(call).state is CallState.RUNNING
    held = select(RoleAssignment.id).where(RoleAssignment.account_id == desk.cast.id(SCHOOL))
    for assignment_id in desk.session.scalars(held).all():
        end_role(desk.session, assignment_id)
    desk.later(timedelta(seconds=1))
    assert desk.look(call).state is CallState.ENDED


# ── what the database refuses ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("back", ["ringing", "running"])
def test_an_ended_call_never_goes_back(desk: CallDesk, back: str) -> None:
    call = desk.start(COUNTY, desk.direct(COUNTY, SCHOOL))
    desk.leave(COUNTY, call)
    with pytest.raises(DBAPIError, match="does not go back"), desk.session.begin_nested():
        desk.session.execute(
            update(TalkCall)
            .where(TalkCall.id == call.id)
            .values(state=back, ended_at=None, outcome=None, answered_at=desk.now if back == "running" else None)
            .execution_options(synchronize_session=False)
        )


def test_one_open_call_for_a_conversation_and_one_for_a_person(desk: CallDesk) -> None:
    talk = desk.direct(COUNTY, SCHOOL)
    desk.start(COUNTY, talk)
    doubled = TalkCall(
        id=new_id(),
        conversation_id=talk,
        started_by_id=desk.cast.id(SCHOOL),
        kind=CallKind.VOICE,
        state=CallState.RINGING,
        started_at=desk.now,
    )
    desk.refuses(doubled, "uq_talk_call_open")
    other = desk.start(TECHNICIAN, desk.direct(TECHNICIAN, LEAD))
    mine = CallPart(
        call_id=other.id,
        account_id=desk.cast.id(COUNTY),
        state=PartState.JOINED,
        device="d",
        socket="s",
        joined_at=desk.now,
    )
    desk.refuses(mine, "uq_call_part_joined")


@pytest.fixture
def pair(engine: Engine, committed: Cast) -> tuple[UUID, UUID, UUID]:
    one, other = committed.id(SCHOOL), committed.id(TECHNICIAN)
    with Session(engine) as session, session.begin():
        load_packs(session)
        talk = directs.open_direct(session, load_actor(session, one, at=clock.now()), other)
    return talk, one, other


def test_many_who_start_at_the_same_moment_are_in_one_call(engine: Engine, pair: tuple[UUID, UUID, UUID]) -> None:
    talk, one, other = pair

    def begin(turn: int) -> UUID:
        account_id = (one, other)[turn % 2]
        with Session(engine) as session, session.begin():
            actor = load_actor(session, account_id, at=clock.now())
            page = CallPage(f"page-{turn}", f"line-{turn}")
            return calls.start_call(session, actor, talk, kind=CallKind.VOICE, page=page).id

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(begin, range(16)))
    with Session(engine) as session:
        assert session.scalars(select(func.count()).select_from(TalkCall)).one() == len(found) == 1
        assert read_call(session, found.pop()).state is CallState.RUNNING
