"""The page of the search: what is found stands there with its words marked, and opens where it was said."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from chat import services
from chat.presence import Presence
from chat.queries.messages import PAGE
from chat.services import directs, groups
from helpdesk.services import answering, asking
from helpdesk.services.asking import Question
from registry_core.db import new_id
from registry_core.rules.loader import load_packs
from tests.conftest import Cast
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
FRAGMENT = {"HX_Request": "true"}
SCHOOL, COUNTY, TECHNICIAN = "xuexiao_xueji", "xian_xueji", "xian_jishu"


def say(session: Session, cast: Cast, name: str, conversation_id: UUID, body: str) -> None:
    actor = cast.actor(name)
    services.post_message(session, actor, conversation_id, client_id=str(new_id()), body=body)


@pytest.fixture
def talk(session: Session, cast: Cast) -> UUID:
    """The county and the school talk."""
    load_packs(session)
    made = directs.open_direct(session, cast.actor(COUNTY), cast.id(SCHOOL))
    say(session, cast, COUNTY, made, "请把<b>转学</b>证明发来")
    return made


def test_what_is_found_is_marked_and_opens_at_its_place(signed_in: SignedIn, talk: UUID) -> None:
    page = signed_in(SCHOOL).get("/messages/search?words=转学").text
    assert "请把&lt;b&gt;<mark>转学</mark>&lt;/b&gt;证明发来" in page
    assert "何文静" in page
    link = f"/messages/{talk}?at=1"
    assert link in page
    assert 'data-at="1"' in signed_in(SCHOOL).get(link).text


def test_who_may_not_read_it_finds_nothing_and_is_told_what_to_try(signed_in: SignedIn, talk: UUID) -> None:
    page = signed_in(TECHNICIAN).get("/messages/search?words=转学").text
    assert str(talk) not in page
    assert "没有找到这样的消息" in page
    assert "少写几个字" in page
    assert signed_in(TECHNICIAN).get(f"/messages/search?words=转学&within={talk}").status_code == 404


@pytest.mark.usefixtures("talk")
def test_nothing_typed_is_no_search(signed_in: SignedIn) -> None:
    page = signed_in(SCHOOL).get("/messages/search?words=%20").text
    assert "写上要找的字" in page
    assert "found-messages" not in page


@pytest.mark.usefixtures("talk")
def test_names_of_people_and_groups_stand_in_the_same_field(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    groups.make_group(session, cast.actor(SCHOOL), name="何文静和大家")
    page = signed_in(SCHOOL).get("/messages/search?words=何文静", **FRAGMENT).text
    assert "发消息" in page
    assert "何文静和大家" in page
    assert "<html" not in page
    assert "何文静和大家" not in signed_in(COUNTY).get("/messages/search?words=何文静").text


def test_a_question_is_found_by_asker_and_desk_each_at_their_own_page(
    signed_in: SignedIn, session: Session, cast: Cast, presence: Presence
) -> None:
    asked = asking.ask_question(session, presence, cast.actor(SCHOOL), Question("学籍号重复怎么办？", str(new_id())))
    answering.take_ticket(session, cast.actor(TECHNICIAN), asked.id)
    assert f"/questions/{asked.id}?at=1" in signed_in(SCHOOL).get("/messages/search?words=重复").text
    assert f"/console/{asked.id}?at=1" in signed_in(TECHNICIAN).get("/messages/search?words=重复").text
    assert str(asked.id) not in signed_in("linqu_jishu").get("/messages/search?words=重复").text
    assert 'data-at="1"' in signed_in(SCHOOL).get(f"/questions/{asked.id}?at=1").text
    assert 'data-at="1"' in signed_in(TECHNICIAN).get(f"/console/{asked.id}?at=1").text


def test_numbers_of_persons_are_covered_and_cannot_be_searched_together(
    signed_in: SignedIn, session: Session, cast: Cast, talk: UUID
) -> None:
    say(session, cast, COUNTY, talk, "家长电话 13912345678")
    outside = signed_in(SCHOOL)
    page = outside.get("/messages/search?words=家长电话").text
    assert "139" in page
    assert "13912345678" not in page
    assert "没有找到这样的消息" in outside.get("/messages/search?words=13912345678").text
    assert "没有找到这样的消息" in outside.get("/messages/search?words=1391").text
    assert f"{talk}?at=2" in signed_in(COUNTY).get("/messages/search?words=13912345678").text


def test_further_pages_follow_and_a_place_in_the_middle_is_shown_with_what_is_around_it(
    signed_in: SignedIn, session: Session, cast: Cast, talk: UUID
) -> None:
    for number in range(2, PAGE + 60):
        say(session, cast, COUNTY, talk, f"第{number}条学籍通知")
    school = signed_in(SCHOOL)
    first = school.get("/messages/search?words=学籍通知").text
    assert first.count("found-head") == 20
    more = re.search(r'href="(/messages/search\?[^"]*after=[^"]*)"', first)
    assert more
    second = school.get(more[1].replace("&amp;", "&")).text
    assert second.count("found-head") == 20
    numbers = [int(one) for one in re.findall(rf"{talk}\?at=(\d+)", first + second)]
    assert numbers == list(range(PAGE + 59, PAGE + 19, -1))
    page = school.get(f"/messages/{talk}?at=30").text
    assert 'data-number="30"' in page
    assert 'data-number="1"' in page
    assert f'data-number="{PAGE + 59}"' not in page
    assert 'data-behind="true"' in page
    assert 'data-behind="false"' in school.get(f"/messages/{talk}").text


def test_a_jump_to_a_day_opens_the_first_message_from_then_on(signed_in: SignedIn, talk: UUID) -> None:
    school = signed_in(SCHOOL)
    assert 'data-at="1"' in school.get(f"/messages/{talk}?on=2020-01-01").text
    assert 'data-at=""' in school.get(f"/messages/{talk}?on=nonsense").text
    assert signed_in(TECHNICIAN).get(f"/messages/{talk}?on=2020-01-01").status_code == 404
