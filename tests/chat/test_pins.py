"""Pins: by both in a direct conversation, by owners in a group, by asker and answerer of a question; twenty at most."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chat import presenters, services
from chat.errors import (
    ConversationNotFound,
    ConversationReadOnly,
    MessageNotFound,
    MessageTakenBack,
    OwnersOnly,
    TooManyPins,
)
from chat.models import MOST_PINS, MessagePin
from chat.presenters.acts import packet_of
from chat.presenters.reactions import PinView, view_pins
from chat.queries.acts import read_changes
from chat.services import acts, directs, groups, members
from chat.services.reactions import pin
from registry_core.accounts.models import Account
from registry_core.db import new_id
from tests.chat.conftest import Talk
from tests.conftest import Cast

ASKER, ANSWERER, READER, OUTSIDER = "xuexiao_xueji", "xian_jishu", "xian_jishu2", "linsheng_xueji"
COUNTY = "xian_xueji"


def name_of(talk: Talk, name: str) -> str:
    return talk.session.get_one(Account, talk.cast.id(name)).name


def set_pin(talk: Talk, number: int, name: str = ANSWERER, *, on: bool = True) -> bool:
    return pin(talk.session, talk.cast.actor(name), talk.id, number, on=on)[1]


def pins(talk: Talk, name: str = ASKER) -> tuple[PinView, ...]:
    return view_pins(talk.session, talk.cast.actor(name), talk.id)


def may_pin(talk: Talk, name: str, *, may_write: bool = True) -> bool:
    view = presenters.view_conversation(talk.session, talk.cast.actor(name), talk.id, may_write=may_write)
    return view.may_pin


@dataclass(frozen=True, slots=True)
class Group:
    """A group of three; its owner is the first."""

    session: Session
    cast: Cast
    id: UUID
    number: int


@pytest.fixture
def group(session: Session, cast: Cast) -> Group:
    owner = cast.actor(ANSWERER)
    conversation_id = groups.make_group(session, owner, name="秋季学籍")
    for name in (READER, COUNTY):
        members.add_member(session, owner, conversation_id, cast.id(name))
    message, _ = services.post_message(
        session, cast.actor(COUNTY), conversation_id, client_id=str(new_id()), body="周五前报来"
    )
    return Group(session, cast, conversation_id, message.number)


# ── who may ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", [ASKER, ANSWERER])
def test_asker_and_answerer_pin_in_a_question(talk: Talk, name: str) -> None:
    number = talk.say("名册用这一版").number
    assert may_pin(talk, name)
    assert set_pin(talk, number, name)
    [shown] = pins(talk)
    assert (shown.number, shown.body, shown.sender_name) == (number, "名册用这一版", name_of(talk, ASKER))
    assert shown.pinned_by == name_of(talk, name)


@pytest.mark.parametrize(("name", "refusal"), [(READER, ConversationReadOnly), (OUTSIDER, ConversationNotFound)])
def test_who_reads_along_sees_what_is_pinned_and_pins_nothing(talk: Talk, name: str, refusal: type[Exception]) -> None:
    number = talk.say("名册用这一版").number
    set_pin(talk, number)
    assert len(pins(talk, READER)) == 1
    assert not may_pin(talk, READER, may_write=False)
    with pytest.raises(refusal):
        set_pin(talk, number, name, on=False)
    assert len(pins(talk)) == 1


def test_both_pin_in_a_direct_conversation(session: Session, cast: Cast) -> None:
    one, other = cast.actor(ANSWERER), cast.actor(COUNTY)
    direct = directs.open_direct(session, one, other.account_id)
    services.post_message(session, one, direct, client_id="a", body="周五前报来")
    assert pin(session, other, direct, 1, on=True)[1]
    assert pin(session, one, direct, 1, on=False)[1]


def test_in_a_group_its_owners_alone_pin(group: Group) -> None:
    with pytest.raises(OwnersOnly):
        pin(group.session, group.cast.actor(COUNTY), group.id, group.number, on=True)
    view = presenters.view_conversation(group.session, group.cast.actor(COUNTY), group.id, may_write=True)
    assert not view.may_pin
    assert pin(group.session, group.cast.actor(ANSWERER), group.id, group.number, on=True)[1]


# ── what becomes of it ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_pin_is_a_change_and_stands_in_the_packet_once(talk: Talk) -> None:
    message = talk.say("名册用这一版")
    assert [set_pin(talk, message.number), set_pin(talk, message.number)] == [True, False]
    found = read_changes(talk.session, talk.id, after=0)
    assert [(line.number, line.change) for line in found.lines] == [(message.number, 1)]
    assert packet_of(talk.session, None, message.id)["is_pinned"] is True
    assert [set_pin(talk, message.number, on=False), set_pin(talk, message.number, on=False)] == [True, False]
    assert packet_of(talk.session, None, message.id)["is_pinned"] is False
    assert read_changes(talk.session, talk.id, after=0).last_change == 2


def test_the_latest_stands_first(talk: Talk) -> None:
    numbers = [talk.say(words).number for words in ("一", "二", "三")]
    for place in (1, 0, 2):
        set_pin(talk, numbers[place])
    assert [one.body for one in pins(talk)] == ["三", "一", "二"]


def test_twenty_and_no_more(talk: Talk) -> None:
    numbers = [talk.say(f"第{place}条").number for place in range(MOST_PINS + 1)]
    for number in numbers[:-1]:
        set_pin(talk, number)
    with pytest.raises(TooManyPins):
        set_pin(talk, numbers[-1])
    set_pin(talk, numbers[0], on=False)
    assert set_pin(talk, numbers[-1])


def test_a_message_taken_back_is_pinned_no_longer(talk: Talk) -> None:
    number = talk.say("发错了").number
    set_pin(talk, number)
    acts.take_back(talk.session, talk.cast.actor(ASKER), talk.id, number)
    assert pins(talk) == ()
    assert talk.session.scalar(select(func.count()).select_from(MessagePin)) == 0
    with pytest.raises(MessageTakenBack):
        set_pin(talk, number)


def test_what_is_edited_is_shown_as_it_is_now(talk: Talk) -> None:
    number = talk.say("周四之前").number
    set_pin(talk, number)
    acts.edit_message(talk.session, talk.cast.actor(ASKER), talk.id, number, body="周五之前")
    assert pins(talk)[0].body == "周五之前"


def test_a_line_of_the_house_is_not_pinned(talk: Talk) -> None:
    with pytest.raises(MessageNotFound):
        set_pin(talk, 2)
