"""What people do with messages: edited and taken back within a time, changes numbered without gaps, the record kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chat import queries, services
from chat.errors import (
    ConversationNotFound,
    ConversationReadOnly,
    MessageEmpty,
    MessageNotFound,
    MessageTakenBack,
    NotYourMessage,
    TooLateToEdit,
    TooLateToTakeBack,
)
from chat.models import Conversation, Message, MessageRevision, RevisionAct
from chat.queries.acts import list_earlier_texts, read_changes
from chat.services import acts, directs
from helpdesk.models import Ticket
from helpdesk.services import answering, asking
from registry_core import clock
from registry_core.access.queries import load_actor
from registry_core.db import new_id
from tests.chat.conftest import Talk
from tests.conftest import Cast

ASKER, ANSWERER, READER, OUTSIDER = "xuexiao_xueji", "xian_jishu", "xian_jishu2", "linsheng_xueji"


def edit(talk: Talk, number: int, body: str, name: str = ASKER) -> bool:
    return acts.edit_message(talk.session, talk.cast.actor(name), talk.id, number, body=body)[1]


def take_back(talk: Talk, number: int, name: str = ASKER) -> bool:
    return acts.take_back(talk.session, talk.cast.actor(name), talk.id, number)[1]


def body_of(talk: Talk, number: int) -> str:
    page = queries.list_messages(talk.session, talk.cast.actor(ASKER), talk.id, after=number - 1)
    return page.lines[0].body


def revisions(talk: Talk) -> list[tuple[int, RevisionAct, str]]:
    rows = talk.session.execute(
        select(MessageRevision.change, MessageRevision.act, MessageRevision.body)
        .where(MessageRevision.conversation_id == talk.id)
        .order_by(MessageRevision.change)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def age(talk: Talk, number: int, minutes: float) -> None:
    """Let a message have been sent so long ago."""
    at = clock.now() - timedelta(minutes=minutes)
    talk.session.execute(
        text("UPDATE message SET sent_at = :at WHERE conversation_id = :id AND number = :number"),
        {"at": at, "id": talk.id, "number": number},
    )


# ── edit ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_edited_message_says_the_new_text_and_the_record_keeps_the_old_one(talk: Talk) -> None:
    number = talk.say("周四之前").number
    assert edit(talk, number, " 周五之前\r\n")
    assert body_of(talk, number) == "周五之前"
    assert revisions(talk) == [(1, RevisionAct.EDIT, "周四之前")]
    _line, [earlier] = list_earlier_texts(talk.session, talk.cast.actor(ANSWERER), talk.id, number)
    assert earlier.body == "周四之前"


def test_the_same_text_again_is_no_change(talk: Talk) -> None:
    number = talk.say("周五之前").number
    assert not edit(talk, number, "周五之前 ")
    assert revisions(talk) == []


@pytest.mark.parametrize(("minutes", "may"), [(29.9, True), (30.1, False)])
def test_edited_is_within_the_time_of_the_rule(talk: Talk, minutes: float, *, may: bool) -> None:
    number = talk.say("周四之前").number
    age(talk, number, minutes)
    if may:
        assert edit(talk, number, "周五之前")
        return
    with pytest.raises(TooLateToEdit) as refused:
        edit(talk, number, "周五之前")
    assert "30" in refused.value.text
    assert body_of(talk, number) == "周四之前"


@pytest.mark.parametrize("name", [ANSWERER, READER, OUTSIDER])
def test_nobody_edits_or_takes_back_what_another_said(talk: Talk, name: str) -> None:
    number = talk.say("我说的").number
    for act in (partial(edit, talk, number, "别人说的", name), partial(take_back, talk, number, name)):
        with pytest.raises((NotYourMessage, ConversationReadOnly, ConversationNotFound)):
            act()
    assert body_of(talk, number) == "我说的"


def test_nothing_is_no_text_and_what_is_not_there_cannot_be_edited(talk: Talk) -> None:
    number = talk.say("一").number
    with pytest.raises(MessageEmpty):
        edit(talk, number, "  ")
    for other in (number + 1, 2):  # nothing there; a note of the house
        with pytest.raises(MessageNotFound):
            edit(talk, other, "二")


# ── take back ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_taken_back_the_text_is_gone_for_everybody_and_the_record_keeps_it(talk: Talk) -> None:
    number = talk.say("发错了").number
    edit(talk, number, "还是错的")
    assert take_back(talk, number)
    assert body_of(talk, number) == ""
    assert list_earlier_texts(talk.session, talk.cast.actor(ANSWERER), talk.id, number)[1] == []
    assert [body for _change, _act, body in revisions(talk)] == ["发错了", "还是错的"]
    assert not take_back(talk, number)
    with pytest.raises(MessageTakenBack):
        edit(talk, number, "又来")


@pytest.mark.parametrize(("minutes", "may"), [(4.9, True), (5.1, False)])
def test_taken_back_is_within_the_time_of_the_rule(talk: Talk, minutes: float, *, may: bool) -> None:
    number = talk.say("发错了").number
    age(talk, number, minutes)
    if may:
        assert take_back(talk, number)
        return
    with pytest.raises(TooLateToTakeBack) as refused:
        take_back(talk, number)
    assert "5" in refused.value.text


def test_after_the_question_is_closed_nothing_can_be_changed(talk: Talk) -> None:
    number = talk.say("谢谢").number
    ticket_id = talk.session.scalars(select(Ticket.id).where(Ticket.conversation_id == talk.id)).one()
    answering.resolve_ticket(talk.session, talk.cast.actor(ANSWERER), ticket_id, resolution="已处理")
    asking.confirm_resolution(talk.session, talk.cast.actor(ASKER), ticket_id)
    for act in (partial(edit, talk, number, "不谢"), partial(take_back, talk, number)):
        with pytest.raises(ConversationReadOnly):
            act()


# ── the record ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("statement", ["UPDATE message_revision SET body = ''", "DELETE FROM message_revision"])
def test_the_record_cannot_be_changed(talk: Talk, statement: str) -> None:
    edit(talk, talk.say("一").number, "二")
    with pytest.raises(DBAPIError):
        talk.session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE message SET body = '' WHERE taken_back_at IS NULL", "UPDATE message SET taken_back_at = now()"],
)
def test_only_what_was_taken_back_says_nothing(talk: Talk, statement: str) -> None:
    talk.say("一")
    with pytest.raises(DBAPIError):
        talk.session.execute(text(statement))


# ── what has changed since ────────────────────────────────────────────────────────────────────────────────────────────


def test_who_comes_back_asks_for_what_has_changed(talk: Talk) -> None:
    first, second = talk.say("一").number, talk.say("二").number
    edit(talk, first, "一一")
    seen = read_changes(talk.session, talk.id, after=0)
    assert ([line.body for line in seen.lines], seen.last_change, seen.more) == (["一一"], 1, False)
    edit(talk, first, "一一一")
    take_back(talk, second)
    since = read_changes(talk.session, talk.id, after=1)
    assert [(line.number, line.change, line.body) for line in since.lines] == [(first, 2, "一一一"), (second, 3, "")]
    assert read_changes(talk.session, talk.id, after=3).lines == ()


def test_more_changes_than_a_page_are_asked_for_in_parts(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.queries.acts.PAGE", 2)
    numbers = [talk.say(f"第{place}条").number for place in range(3)]
    for number in numbers:
        take_back(talk, number)
    found = read_changes(talk.session, talk.id, after=0)
    assert ([line.number for line in found.lines], found.more) == (numbers[:2], True)
    rest = read_changes(talk.session, talk.id, after=found.lines[-1].change)
    assert ([line.number for line in rest.lines], rest.more) == (numbers[2:], False)


ACT = st.tuples(st.sampled_from([ASKER, ANSWERER]), st.integers(0, 3), st.sampled_from(["甲", "乙", "丙", None]))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=st.lists(ACT, max_size=12))
def test_whatever_is_done_changes_are_numbered_and_every_text_is_kept(
    talk: Talk, done: list[tuple[str, int, str | None]]
) -> None:
    """A model beside it: texts by number, and the texts that each message has had."""
    point = talk.session.begin_nested()
    senders = [ASKER, ANSWERER, ASKER, ANSWERER]
    numbers = [talk.say("甲", sender, str(new_id())).number for sender in senders]
    now, kept, changed = ["甲"] * 4, [], {}
    for name, place, body in done:
        is_own = senders[place] == name
        may = is_own and (body is None or now[place])
        try:
            has_changed = (
                take_back(talk, numbers[place], name) if body is None else edit(talk, numbers[place], body, name)
            )
        except (NotYourMessage, MessageTakenBack):
            assert not may
            continue
        assert may
        assert has_changed == (now[place] != (body or ""))
        if has_changed:
            kept.append(now[place])
            now[place] = body or ""
            changed[numbers[place]] = len(kept)
    assert [body_of(talk, number) for number in numbers] == now
    assert [(change, body) for change, _act, body in revisions(talk)] == list(enumerate(kept, start=1))
    last = talk.session.scalars(select(Conversation.last_change).where(Conversation.id == talk.id)).one()
    assert last == len(kept)
    for after in range(last + 1):
        told = {line.number: line.change for line in read_changes(talk.session, talk.id, after=after).lines}
        assert told == {number: change for number, change in changed.items() if change > after}
    point.rollback()


def test_many_at_once_leave_no_gap_and_count_none_twice(engine: Engine, committed: Cast) -> None:
    one, other = committed.id(ASKER), committed.id("xian_xueji")
    with Session(engine) as session, session.begin():
        talk = directs.open_direct(session, load_actor(session, one, at=clock.now()), other)
        actor = load_actor(session, one, at=clock.now())
        for place in range(8):
            services.post_message(session, actor, talk, client_id=f"m-{place}", body="甲")

    def change(place: int) -> UUID:
        with Session(engine) as session, session.begin():
            actor = load_actor(session, one, at=clock.now())
            return acts.edit_message(session, actor, talk, place % 8 + 1, body=f"第{place}稿")[0]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, range(32)))
    with Session(engine) as session:
        told = session.scalars(
            select(MessageRevision.change).where(MessageRevision.conversation_id == talk).order_by("change")
        ).all()
        assert told == list(range(1, 33))
        latest = session.scalars(select(Message.change).where(Message.conversation_id == talk)).all()
        assert max(latest) == session.get_one(Conversation, talk).last_change == 32


def test_a_message_edited_meanwhile_is_the_same_when_it_is_sent_again(talk: Talk) -> None:
    first, _ = talk.send("材料在附件里", client_id="lost")
    acts.edit_message(talk.session, talk.cast.actor("xuexiao_xueji"), talk.id, first.number, body="材料在邮件里")
    again, is_new = talk.send("材料在附件里", client_id="lost")
    assert (again.id, is_new) == (first.id, False)
