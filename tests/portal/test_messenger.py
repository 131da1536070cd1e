"""The messenger's pages: finding a colleague, writing to them, groups, and what the rule of one's unit refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from chat import services
from chat.presence import Presence
from chat.services import directs, groups
from registry_core import clock, web
from registry_core.db import new_id
from registry_core.store import Redis, make_store
from tests.conftest import Cast
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
FRAGMENT = {"HX_Request": "true"}


def test_a_colleague_is_found_by_name_pinyin_and_initials(signed_in: SignedIn) -> None:
    browser = signed_in("xuexiao_xueji")
    for words in ("文静", "hewenjing", "hewen", "hwj", "wj", "HWJ", "he wen jing"):
        assert "何文静" in browser.get(f"/messages/people?words={words}", **FRAGMENT).text, words
    assert "何文静" not in browser.get("/messages/people?words=hwx", **FRAGMENT).text


def test_unit_role_and_level_narrow_the_search(signed_in: SignedIn) -> None:
    browser = signed_in("xian_xueji")
    page = browser.get("/messages/people?role=technician&level=province", **FRAGMENT).text
    assert "赵明辉" in page
    assert "张国强" not in page
    page = browser.get("/messages/people?unit=第二小学&role=registry_leader", **FRAGMENT).text
    assert "秦怀远" in page


def test_who_may_not_be_written_to_is_not_found_and_the_help_desk_is_offered(signed_in: SignedIn) -> None:
    page = signed_in("xuexiao_xueji").get("/messages/people?words=高雅琴", **FRAGMENT).text
    assert "高雅琴" not in page
    assert "/ask" in page
    assert "服务台" in page


def test_writing_to_somebody_opens_the_one_conversation_of_both(signed_in: SignedIn, cast: Cast) -> None:
    school, county = signed_in("xuexiao_xueji"), signed_in("xian_xueji")
    opened = school.post(
        "/messages/direct", {"account_id": str(cast.id("xian_xueji"))}, page="/messages/people?words=hwj"
    )
    assert opened.status_code == 303
    again = county.post(
        "/messages/direct", {"account_id": str(cast.id("xuexiao_xueji"))}, page="/messages/people?words=lxy"
    )
    assert again.headers["Location"] == opened.headers["Location"]
    page = school.get(opened.headers["Location"]).text
    assert "何文静" in page
    assert 'data-may-write="true"' in page


def test_who_may_not_write_is_told_whom_to_ask(signed_in: SignedIn, cast: Cast) -> None:
    school = signed_in("xuexiao_xueji")
    refused = school.post("/messages/direct", {"account_id": str(cast.id("sheng_xueji"))}, page="/messages/people")
    nobody = school.post("/messages/direct", {"account_id": str(new_id())}, page="/messages/people")
    assert refused.status_code == nobody.status_code == 403
    assert "服务台" in refused.text
    assert "技术支持" in refused.text


@pytest.fixture(name="talk")
def open_talk(session: Session, cast: Cast) -> str:
    """A conversation of the school's and the county's administrators, with one message of the school."""
    school = cast.actor("xuexiao_xueji")
    conversation_id = directs.open_direct(session, school, cast.id("xian_xueji"))
    services.post_message(session, school, conversation_id, client_id="1", body="您好，请问几点开会？")
    return str(conversation_id)


def counted(page: str) -> str:
    found = re.search(r'data-talks-count>\s*<span class="count" data-count\s*(hidden)?>(\d+)', page)
    assert found, page[:3000]
    return "hidden" if found[1] else found[2]


@pytest.mark.usefixtures("talk")
def test_the_list_and_the_menu_tell_what_is_unread(signed_in: SignedIn) -> None:
    county = signed_in("xian_xueji")
    page = county.get("/messages").text
    assert "李晓芸" in page
    assert "您好，请问几点开会？" in page
    assert 'data-unread="1"' in page
    assert counted(page) == "1"
    assert counted(signed_in("xuexiao_xueji").get("/messages").text) == "hidden"


def test_a_muted_conversation_does_not_count(signed_in: SignedIn, talk: str) -> None:
    county = signed_in("xian_xueji")
    county.post(f"/messages/{talk}/mute", {"is_muted": "y"}, page=f"/messages/{talk}")
    assert counted(county.get("/").text) == "hidden"
    assert 'data-unread="1"' in county.get("/messages").text


@pytest.mark.usefixtures("talk")
def test_the_list_is_searched_by_initials(signed_in: SignedIn) -> None:
    county = signed_in("xian_xueji")
    assert "李晓芸" in county.get("/messages/rows?words=lxy").text
    assert "李晓芸" not in county.get("/messages/rows?words=zgq").text


def test_somebody_elses_conversation_does_not_exist(signed_in: SignedIn, talk: str) -> None:
    for page in (f"/messages/{talk}", f"/messages/{talk}/panel", f"/messages/{talk}/head", f"/messages/{new_id()}"):
        assert signed_in("xian_jishu").get(page).status_code == 404
    assert talk not in signed_in("xian_jishu").get("/messages").text


def test_who_is_there_is_shown_and_unknown_without_redis(
    app: Flask, signed_in: SignedIn, talk: str, cast: Cast, store: Redis
) -> None:
    county = signed_in("xian_xueji")
    page = f"/messages/{talk}"
    assert 'data-on="false"' in county.get(page).text
    Presence(store).beat(cast.id("xuexiao_xueji"), clock.now())
    assert 'data-on="true"' in county.get(page).text
    runtime = app.extensions[web.RUNTIME]
    app.extensions[web.RUNTIME] = replace(runtime, store=make_store("redis://127.0.0.1:1/0"))
    assert 'data-on="unknown"' in county.get(page).text


def test_an_owner_adds_and_removes_people(signed_in: SignedIn, cast: Cast) -> None:
    owner = signed_in("xian_xueji")
    made = owner.post("/messages/groups/new", {"name": "秋季学籍"}, page="/messages/groups/new")
    group = made.headers["Location"]
    assert "张国强" in owner.get(f"{group}/panel?member=zgq").text
    owner.post(f"{group}/members", {"account_id": str(cast.id("xian_jishu"))}, page=group)
    member = signed_in("xian_jishu")
    assert "秋季学籍" in member.get("/messages").text
    assert "加进群" in member.get(group).text
    refused = member.post(f"{group}/members", {"account_id": str(cast.id("xian_jishu2"))}, page=group)
    assert refused.status_code == 403
    owner.post(f"{group}/members/remove", {"account_id": str(cast.id("xian_jishu"))}, page=group)
    assert member.get(group).status_code == 404


def test_a_group_without_a_name_comes_back_with_the_reason(signed_in: SignedIn) -> None:
    owner = signed_in("xian_xueji")
    again = owner.post("/messages/groups/new", {"name": " "}, page="/messages/groups/new")
    assert again.status_code == 422
    assert "名字" in again.text


def test_a_group_by_rule_is_made_for_ones_own_units_alone(signed_in: SignedIn, cast: Cast) -> None:
    county, page = signed_in("xian_xueji"), "/messages/groups/by-rule"
    fields = {"name": "本县技术支持", "reach": "below", "roles": "technician"}
    made = county.post(page, {**fields, "unit_id": str(cast.unit("雁塔区").id)}, page=page)
    assert made.status_code == 303
    assert "雁塔区和下面各级的" in county.get(made.headers["Location"]).text
    assert "本县技术支持" in signed_in("xian_jishu").get("/messages").text
    elsewhere = county.post(page, {**fields, "unit_id": str(cast.unit("碑林区").id)}, page=page)
    assert elsewhere.status_code == 422
    assert signed_in("xian_jishu").get(page).status_code == 403


def test_a_pupil_has_no_search(signed_in: SignedIn) -> None:
    assert signed_in("xuesheng").get("/messages/people?words=lxy").status_code == 403


def test_in_a_read_only_group_only_owners_write(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    from_above = cast.actor("xian_xueji")
    group = groups.make_group(session, from_above, name="通知", is_read_only=True)
    owner = signed_in("xian_xueji")
    owner.post(f"/messages/{group}/members", {"account_id": str(cast.id("xian_jishu"))}, page=f"/messages/{group}")
    assert 'data-may-write="false"' in signed_in("xian_jishu").get(f"/messages/{group}").text
    assert 'data-may-write="true"' in owner.get(f"/messages/{group}").text
