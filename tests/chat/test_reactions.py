"""Reactions: one emoji of those that are shipped, by whoever may write, told as a change and gone with the message."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from chat import presenters, queries, services
from chat.emoji import is_emoji, load_emoji
from chat.errors import (
    ConversationNotFound,
    ConversationReadOnly,
    MessageNotFound,
    MessageTakenBack,
    NotAnEmoji,
    TooManyReactions,
)
from chat.models import MOST_REACTIONS, MessageReaction, MessageRevision
from chat.models.reactions import LONGEST_EMOJI
from chat.presenters.acts import packet_of
from chat.queries.acts import read_changes
from chat.queries.inbox import read_inbox
from chat.queries.messenger import list_threads
from chat.services import acts, directs
from chat.services.reactions import react
from helpdesk.models import Ticket
from helpdesk.services import answering, asking
from registry_core import clock, live
from registry_core.access.queries import load_actor
from registry_core.accounts.models import Account
from tests.chat.conftest import Talk
from tests.conftest import Cast

ASKER, ANSWERER, READER, OUTSIDER = "xuexiao_xueji", "xian_jishu", "xian_jishu2", "linsheng_xueji"
THUMB, HEART = "👍", "❤️"


def name_of(talk: Talk, name: str) -> str:
    return talk.session.get_one(Account, talk.cast.id(name)).name


def set_emoji(talk: Talk, number: int, emoji: str = THUMB, name: str = ANSWERER, *, on: bool = True) -> bool:
    return react(talk.session, talk.cast.actor(name), talk.id, number, emoji=emoji, on=on)[1]


def packet(talk: Talk, number: int, name: str | None = ASKER) -> dict[str, Any]:
    page = queries.list_messages(talk.session, talk.cast.actor(ASKER), talk.id, after=number - 1)
    return packet_of(talk.session, talk.cast.actor(name) if name else None, page.lines[0].id)


def shown(talk: Talk, number: int, name: str = ASKER) -> list[tuple[str, int, bool]]:
    view = presenters.view_conversation(talk.session, talk.cast.actor(name), talk.id, may_write=True)
    [message] = [one for one in view.messages if one.number == number]
    return [(one.emoji, one.count, one.is_mine) for one in message.reactions]


# ── what is an emoji ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_shipped_fits_its_column_and_has_what_people_use() -> None:
    assert all(1 <= len(emoji) <= LONGEST_EMOJI for emoji in load_emoji())
    assert {THUMB, HEART, "😄", "🎉", "🙏", "👀"} <= load_emoji()


@pytest.mark.parametrize("text", ["", "a", "好", "👍👍", "👍 ", "1", "🇨🇳", "❤", "<b>", "\u200d", "👍\u200d"])
def test_nothing_else_is_an_emoji(talk: Talk, text: str) -> None:
    assert not is_emoji(text)
    number = talk.say("收到请回复").number
    with pytest.raises(NotAnEmoji):
        set_emoji(talk, number, text)


# ── setting and taking away ───────────────────────────────────────────────────────────────────────────────────────────


def test_everybody_sees_who_has_set_what_and_who_did_sees_that_it_is_theirs(talk: Talk) -> None:
    number = talk.say("收到请回复").number
    assert set_emoji(talk, number)
    assert set_emoji(talk, number, HEART, ASKER)
    assert set_emoji(talk, number, THUMB, ASKER)
    told = packet(talk, number)
    names = [name_of(talk, ANSWERER), name_of(talk, ASKER)]
    assert told["reactions"] == [
        {"emoji": THUMB, "count": 2, "names": names},
        {"emoji": HEART, "count": 1, "names": names[1:]},
    ]
    assert told["own"] == {"reactions": [THUMB, HEART], "is_starred": False}
    assert packet(talk, number, ANSWERER)["own"]["reactions"] == [THUMB]
    assert shown(talk, number, ANSWERER) == [(THUMB, 2, True), (HEART, 1, False)]


def test_what_goes_to_a_room_says_nothing_of_what_is_ones_own(talk: Talk) -> None:
    number = talk.say("收到请回复").number
    set_emoji(talk, number)
    told = packet(talk, number, None)
    assert told["own"] is None
    assert told["reactions"][0]["count"] == 1


def test_who_reads_along_sees_them_and_may_set_none(talk: Talk) -> None:
    number = talk.say("收到请回复").number
    set_emoji(talk, number)
    assert shown(talk, number, READER) == [(THUMB, 1, False)]
    with pytest.raises(ConversationReadOnly):
        set_emoji(talk, number, name=READER)
    with pytest.raises(ConversationNotFound):
        set_emoji(talk, number, name=OUTSIDER)


def test_taken_away_it_is_gone_and_twice_is_once(talk: Talk) -> None:
    number = talk.say("收到请回复").number
    assert [set_emoji(talk, number), set_emoji(talk, number)] == [True, False]
    assert [set_emoji(talk, number, on=False), set_emoji(talk, number, on=False)] == [True, False]
    assert packet(talk, number)["reactions"] == []
    assert packet(talk, number)["change"] == 2


def test_nobody_takes_away_what_another_has_set(talk: Talk) -> None:
    number = talk.say("收到请回复").number
    set_emoji(talk, number)
    assert not set_emoji(talk, number, name=ASKER, on=False)
    assert shown(talk, number) == [(THUMB, 1, False)]


def test_twenty_different_ones_and_no_more_but_those_are_open_to_all(talk: Talk) -> None:
    number = talk.say("收到请回复").number
    some = sorted(load_emoji())[: MOST_REACTIONS + 1]
    for emoji in some[:-1]:
        set_emoji(talk, number, emoji)
    with pytest.raises(TooManyReactions):
        set_emoji(talk, number, some[-1])
    assert set_emoji(talk, number, some[0], ASKER)
    assert set_emoji(talk, number, some[1], on=False)
    assert set_emoji(talk, number, some[-1])


def test_many_are_counted_and_the_first_five_named(talk: Talk) -> None:
    number = talk.say("收到请回复").number
    message_id = packet(talk, number)["id"]
    people = ["xian_zhuguan", "shi_jishu", "sheng_jishu", "bu_jishu", "xian_xueji", "xian_guanli"]
    for name in people:
        talk.session.add(
            MessageReaction(message_id=message_id, account_id=talk.cast.id(name), emoji=THUMB, at=clock.now())
        )
        talk.session.flush()
    set_emoji(talk, number)
    [told] = packet(talk, number)["reactions"]
    assert told["count"] == len(people) + 1
    assert told["names"] == [name_of(talk, name) for name in people[:5]]


def test_a_line_of_the_house_and_what_is_not_there_take_none(talk: Talk) -> None:
    last = talk.say("收到请回复").number
    for number in (2, last + 1):
        with pytest.raises(MessageNotFound):
            set_emoji(talk, number)


def test_a_closed_question_stays_as_it_is(talk: Talk) -> None:
    number = talk.say("谢谢").number
    ticket_id = talk.session.scalars(select(Ticket.id).where(Ticket.conversation_id == talk.id)).one()
    answering.resolve_ticket(talk.session, talk.cast.actor(ANSWERER), ticket_id, resolution="已处理")
    asking.confirm_resolution(talk.session, talk.cast.actor(ASKER), ticket_id)
    with pytest.raises(ConversationReadOnly):
        set_emoji(talk, number)


# ── a change of the conversation ──────────────────────────────────────────────────────────────────────────────────────


def test_who_was_away_is_told_and_the_record_of_texts_keeps_nothing_of_it(talk: Talk) -> None:
    first, second = talk.say("一").number, talk.say("二").number
    set_emoji(talk, second)
    acts.edit_message(talk.session, talk.cast.actor(ASKER), talk.id, first, body="一一")
    set_emoji(talk, first, HEART)
    found = read_changes(talk.session, talk.id, after=0)
    assert [(line.number, line.change) for line in found.lines] == [(second, 1), (first, 3)]
    assert found.last_change == 3
    assert talk.session.scalar(select(func.count()).select_from(MessageRevision)) == 1


def test_a_message_taken_back_loses_its_reactions(talk: Talk) -> None:
    number = talk.say("发错了").number
    set_emoji(talk, number)
    acts.take_back(talk.session, talk.cast.actor(ASKER), talk.id, number)
    assert packet(talk, number)["reactions"] == []
    assert talk.session.scalar(select(func.count()).select_from(MessageReaction)) == 0
    with pytest.raises(MessageTakenBack):
        set_emoji(talk, number)


@pytest.fixture
def pushes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []

    def push(_session: Session, _room: str, event: str, *_rest: object, **_more: object) -> None:
        told.append(event)

    monkeypatch.setattr(live, "push", push)
    return told


def test_no_list_moves_and_nothing_counts_as_unread(session: Session, cast: Cast, pushes: list[str]) -> None:
    one, other = cast.actor(ANSWERER), cast.actor("xian_xueji")
    direct = directs.open_direct(session, one, other.account_id)
    services.post_message(session, one, direct, client_id="a", body="周五前报来")
    services.post_message(session, other, direct, client_id="b", body="好")
    services.move_marks(session, one.account_id, direct, delivered=2, read=2)
    pushes.clear()
    react(session, other, direct, 1, emoji=THUMB, on=True)
    assert pushes == []
    [news] = [
        news for news in read_inbox(session, one, "", list_threads(session, one)).news if news.conversation_id == direct
    ]
    assert (news.unread, news.last_number) == (0, 2)


def test_many_at_once_leave_no_gap_and_pass_no_bound(engine: Engine, committed: Cast) -> None:
    one, other = committed.id(ASKER), committed.id("xian_xueji")
    with Session(engine) as session, session.begin():
        conversation_id = directs.open_direct(session, load_actor(session, one, at=clock.now()), other)
        actor = load_actor(session, one, at=clock.now())
        services.post_message(session, actor, conversation_id, client_id="a", body="甲")
    some = sorted(load_emoji())[: MOST_REACTIONS + 4]

    def attempt(emoji: str) -> bool:
        with Session(engine) as session, session.begin():
            actor = load_actor(session, one, at=clock.now())
            return react(session, actor, conversation_id, 1, emoji=emoji, on=True)[1]

    def outcome(done: Callable[[], bool]) -> bool:
        try:
            return done()
        except TooManyReactions:
            return False

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda emoji: outcome(lambda: attempt(emoji)), some))
    assert sum(done) == MOST_REACTIONS
    with Session(engine) as session:
        assert read_changes(session, conversation_id, after=0).last_change == MOST_REACTIONS
