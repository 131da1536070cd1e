"""Search finds what a plain search of Python would find in what the actor may read, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, literal, select, update
from sqlalchemy.orm import Session

from chat import services
from chat.errors import ConversationNotFound
from chat.models import Message, MessageKind, Reach
from chat.policies import access_to, names_of, readable_by
from chat.presence import Presence
from chat.queries import search
from chat.queries.search import Found, Sought, search_messages
from chat.queries.words import fold, read_words
from chat.services import directs, groups, members
from chat.services.groups import Membership
from helpdesk.services import answering, asking
from helpdesk.services.asking import Question
from registry_core import clock
from registry_core.access.models import Role
from registry_core.access.services import end_role, grant_role
from registry_core.db import new_id
from registry_core.rules.loader import load_packs
from tests.conftest import Cast

SCHOOL, COUNTY, TECHNICIAN, PROVINCE = "xuexiao_xueji", "xian_xueji", "xian_jishu", "sheng_xueji"
PEOPLE = (SCHOOL, COUNTY, TECHNICIAN, PROVINCE, "linqu_jishu", "sheng_jishu")


@dataclass(slots=True)
class House:
    """What the tests do, short; `places` has a conversation of each kind and who speaks in it."""

    session: Session
    cast: Cast
    places: dict[str, tuple[UUID, str]] = field(default_factory=dict)

    def say(self, place: str, body: str) -> Message:
        conversation_id, name = self.places[place]
        actor = self.cast.actor(name)
        return services.post_message(self.session, actor, conversation_id, client_id=str(new_id()), body=body)[0]

    def all(self, name: str, typed: str, **more: Any) -> list[Found]:
        """Everything found, page after page."""
        sought = Sought(read_words(typed), **more)
        found: list[Found] = []
        page = search_messages(self.session, self.cast.actor(name), sought)
        found += page.found
        while page.after:
            page = search_messages(self.session, self.cast.actor(name), sought, before=page.after)
            found += page.found
        return found

    def bodies(self, name: str, typed: str, **more: object) -> list[str]:
        return [one.line.body for one in self.all(name, typed, **more)]


@pytest.fixture
def house(session: Session, cast: Cast, presence: Presence) -> House:
    """A direct conversation, a group by hand of which somebody was a member, a group by rule, a question at a desk."""
    load_packs(session)
    county = cast.actor(COUNTY)
    direct = directs.open_direct(session, county, cast.id(SCHOOL))
    by_hand = groups.make_group(session, county, name="秋季学籍")
    for name in (TECHNICIAN, SCHOOL):
        members.add_member(session, county, by_hand, cast.id(name))
    members.remove_member(session, county, by_hand, cast.id(SCHOOL))
    membership = Membership(cast.unit("陕西省").id, frozenset({Role.TECHNICIAN}), Reach.BELOW)
    by_rule = groups.make_group_by_rule(
        session, cast.actor("sheng_guanli"), name="技术员", membership=membership, is_read_only=False
    )
    question = asking.ask_question(session, presence, cast.actor(SCHOOL), Question("学籍号重复了？", str(new_id())))
    answering.take_ticket(session, cast.actor(TECHNICIAN), question.id)
    places = {
        "direct": (direct, COUNTY),
        "by hand": (by_hand, TECHNICIAN),
        "by rule": (by_rule, TECHNICIAN),
        "question": (question.conversation_id, SCHOOL),
    }
    return House(session, cast, places)


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """Roll back what is done within."""
    undo = session.begin_nested()
    try:
        yield
    finally:
        undo.rollback()


SIGNS = st.sampled_from("学籍号转的aAＡａ1１%_\\.[]（() \n-，K\u212a")
TEXTS = st.text(SIGNS, min_size=1, max_size=8).filter(lambda text: text.strip() != "")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.lists(st.tuples(st.sampled_from(["direct", "by hand", "by rule", "question"]), TEXTS), max_size=12),
    typed=TEXTS,
    limits=st.sampled_from([(2_000, 20_000), (2_000, 0), (0, 20_000), (0, 0), (0, 3), (2_000, 3)]),
    page=st.sampled_from([1, 3, 20]),
)
def test_it_finds_what_python_finds_in_what_one_may_read(
    house: House, said: list[tuple[str, str]], typed: str, limits: tuple[int, int], page: int
) -> None:
    with pytest.MonkeyPatch.context() as patch, undone(house.session):
        patch.setattr(search, "FEW", limits[0])
        patch.setattr(search, "SHORT", limits[1])
        patch.setattr(search, "WALK", limits[1])
        patch.setattr(search, "FOUND_AT_ONCE", page)
        patch.setattr(search, "AT_HAND", page)
        for place, body in said:
            house.say(place, body)
        words = fold(typed).split()
        everything = house.session.scalars(
            select(Message).where(Message.kind == MessageKind.TEXT).order_by(Message.sent_at.desc(), Message.id.desc())
        ).all()
        for name in PEOPLE:
            actor = house.cast.actor(name)
            expected = [
                one.id
                for one in everything
                if access_to(house.session, actor, one.conversation_id).may_read
                and all(word in fold(one.body) for word in words)
            ]
            assert [one.line.id for one in house.all(name, typed)] == (expected if words else []), name


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.text(SIGNS | st.characters(exclude_categories=["Cs", "Cc", "Cn"], max_codepoint=0xFFFF), max_size=20))
def test_the_index_knows_what_was_said_as_the_search_writes_it(session: Session, body: str) -> None:
    terms = set(session.scalar(select(func.message_terms(literal(body)))) or [])
    for start in range(len(body)):
        for length in (1, 2, 5):
            words = read_words(body[start : start + length])
            assert terms >= set(words.terms()), words


def test_full_width_and_capitals_count_as_the_same_and_the_newest_stands_first(house: House) -> None:
    first = house.say("direct", "请看 Excel 表，编号Ａ１２")
    second = house.say("direct", "EXCEL和wps都行")
    assert house.bodies(COUNTY, "excel") == [second.body, first.body]
    assert house.bodies(COUNTY, "ＥＸＣＥＬ") == [second.body, first.body]
    assert house.bodies(COUNTY, "a12") == [first.body]
    assert house.bodies(COUNTY, "表 excel") == [first.body]
    assert house.bodies(COUNTY, "表excel") == []


def test_who_lost_the_role_finds_nothing_of_the_group_any_more(house: House) -> None:
    house.say("by rule", "省里的通知")
    assert house.bodies("sheng_jishu", "通知") == ["省里的通知"]
    unit = house.cast.actor("sheng_jishu").assignments[0].unit_id
    held = grant_role(house.session, account_id=house.cast.id(PROVINCE), unit_id=unit, role=Role.TECHNICIAN)
    assert house.bodies(PROVINCE, "通知") == ["省里的通知"]
    end_role(house.session, held.id)
    assert house.bodies(PROVINCE, "通知") == []


def test_one_conversation_and_a_time_narrow_it(house: House) -> None:
    with clock.frozen(clock.now()) as at:
        early = house.say("direct", "转学一")
        at.move(timedelta(days=2))
        house.say("direct", "转学二")
        house.say("by hand", "转学三")
        direct = house.places["direct"][0]
        assert house.bodies(COUNTY, "转学", conversation_id=direct) == ["转学二", "转学一"]
        assert house.bodies(COUNTY, "转学", until=early.sent_at + timedelta(days=1)) == ["转学一"]
        assert house.bodies(COUNTY, "转学", since=early.sent_at + timedelta(days=1)) == ["转学三", "转学二"]
    with pytest.raises(ConversationNotFound):
        house.all("linqu_jishu", "转学", conversation_id=direct)


def test_what_the_house_says_is_not_found(house: House) -> None:
    assert house.bodies(COUNTY, "加进群") == []


def test_what_was_taken_back_is_not_found(house: House) -> None:
    said = house.say("direct", "明天上午开会")
    assert house.bodies(SCHOOL, "上午") == ["明天上午开会"]
    gone = update(Message).where(Message.id == said.id).values(body="", taken_back_at=clock.now())
    house.session.execute(gone)
    assert house.bodies(SCHOOL, "上午") == []


def test_an_edited_message_is_found_by_its_new_words_alone(house: House) -> None:
    message = house.say("direct", "明天上午开会")
    house.session.execute(update(Message).where(Message.id == message.id).values(body="后天上午开会"))
    assert house.bodies(SCHOOL, "后天") == ["后天上午开会"]
    assert house.bodies(SCHOOL, "明天") == []


@pytest.fixture
def many_words(house: House) -> House:
    for number in range(60):
        house.say("direct", f"{number}号学生")
    return house


def test_pages_follow_one_another_without_a_gap(many_words: House) -> None:
    assert many_words.bodies(COUNTY, "学生") == [f"{number}号学生" for number in reversed(range(60))]


@pytest.mark.parametrize("name", PEOPLE)
def test_every_keeper_says_the_same_for_one_and_for_all(house: House, name: str) -> None:
    actor = house.cast.actor(name)
    mine = {one for part in readable_by(house.session, actor) for one in house.session.scalars(part)}
    each = {one for one, _speaker in house.places.values() if access_to(house.session, actor, one).may_read}
    assert mine == each
    assert set(names_of(house.session, actor, mine)) == mine
    assert all(names_of(house.session, actor, mine).values())
