"""The pages of what waits for a check, as people use them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry_core.records import queries
from registry_core.records.models import EnteredChange, Entity
from registry_core.sheets import write_csv
from tests.conftest import Cast
from tests.portal_house import Browser
from tests.registry_core.records.conftest import (
    ABOVE,
    ALONE,
    ENTERER,
    LEADER,
    ONE_OFFICER,
    WITH_LEADER,
    Governed,
    governed,
    write_pack,
)

__all__ = ["governed", "write_pack"]

SignedIn = Callable[[str], Browser]
QUEUE = "/records/checks"
pytestmark = pytest.mark.usefixtures("governed")


@pytest.fixture
def place(cast: Cast) -> str:
    return f"/records/{cast.unit(WITH_LEADER).id}"


def save(browser: Browser, page: str, **fields: Any) -> TestResponse:
    return browser.post(page, {"version": "0", **fields}, page=page)


def ids(session: Session) -> list[str]:
    return [str(one) for one in session.scalars(select(EnteredChange.id))]


def decide(browser: Browser, session: Session, kind: str, **fields: str) -> TestResponse:
    return browser.post(f"{QUEUE}/decide", {"changes": ids(session)[0], "kind": kind, **fields}, page=QUEUE)


def held(cast: Cast, session: Session, name: str = WITH_LEADER) -> dict[str, Any]:
    record = queries.find_record(session, cast.unit(name), Entity.SCHOOL)
    return record.values if record else {}


def test_what_a_school_enters_shows_as_waiting_until_its_leader_accepts(
    signed_in: SignedIn, place: str, cast: Cast, session: Session
) -> None:
    enterer, leader = signed_in(ENTERER), signed_in(LEADER)
    assert "送去核对" in enterer.get(f"{place}/school/edit").text
    assert save(enterer, f"{place}/school/edit", phone="029-11111").status_code == 303
    page = enterer.get(f"{place}/school").text
    assert "待核对" in page
    assert "029-11111" in page
    assert "周立群（演示）" in page
    assert "第十八条" in page
    assert held(cast, session) == {}
    queue = leader.get(QUEUE).text
    assert "共 1 份改动等您核对" in queue
    assert "029-11111" in queue
    assert "有 1 份录入的改动等您核对" in leader.get("/").text
    assert decide(leader, session, "accept").status_code == 303
    assert held(cast, session) == {"phone": "029-11111"}
    record = queries.find_record(session, cast.unit(WITH_LEADER), Entity.SCHOOL)
    assert record is not None
    history = enterer.get(f"/records/history/{record.id}/phone").text
    assert "周立群（演示）" in history
    assert "秦怀远（演示）" in history
    assert "都核对完了" in leader.get(QUEUE).text


def test_a_returned_change_comes_back_with_the_reason_and_what_was_typed(
    signed_in: SignedIn, place: str, session: Session
) -> None:
    enterer, leader = signed_in(ENTERER), signed_in(LEADER)
    save(enterer, f"{place}/school/edit", phone="029-11111", fax="029-99999")
    refused = decide(leader, session, "return")
    assert refused.status_code == 422
    assert "请写明原因" in refused.text
    assert decide(leader, session, "return", reason="电话少一位").status_code == 303
    assert "您录入的 1 份改动被退回" in enterer.get("/").text
    assert "电话少一位" in enterer.get(QUEUE).text
    form = enterer.get(f"{place}/school/edit").text
    assert "电话少一位" in form
    assert 'value="029-11111"' in form
    assert 'value="029-99999"' in form
    revision = re.search(r'name="revision"[^>]*value="(\d+)"', form)
    assert revision
    fields = {"version": "1", "revision": revision[1], "phone": "029-111111", "fax": "029-99999"}
    enterer.post(f"{place}/school/edit", fields, page=f"{place}/school/edit")
    assert "029-111111" in leader.get(QUEUE).text


def test_who_entered_is_refused_with_the_rule_and_may_withdraw(
    signed_in: SignedIn, governed: Governed, place: str, session: Session
) -> None:
    governed.hold(governed.cast.id(ENTERER), governed.school, governed.actor(LEADER).assignments[0].role)
    enterer = signed_in(ENTERER)
    save(enterer, f"{place}/school/edit", phone="029-11111")
    assert "现在没有改动等您核对" in enterer.get(QUEUE).text
    answer = decide(enterer, session, "accept")
    assert answer.status_code == 403
    assert "谁录入谁不核对" in answer.text
    change = ids(session)[0]
    assert signed_in(LEADER).post(f"{QUEUE}/{change}/withdraw", page=QUEUE).status_code in {403, 404}
    assert enterer.post(f"{QUEUE}/{change}/withdraw", page=QUEUE).status_code == 303
    assert "029-11111" not in enterer.get(f"{place}/school").text


def test_a_school_with_one_officer_is_told_who_checks_instead(
    signed_in: SignedIn, cast: Cast, session: Session
) -> None:
    browser, place = signed_in(ALONE), f"/records/{cast.unit(ONE_OFFICER).id}"
    page = browser.get(f"{place}/school/edit").text
    assert "由雁塔区的学籍管理员代为核对" in page
    assert "第十九条" in page
    save(browser, f"{place}/school/edit", phone="029-11111")
    assert "雁塔区的学籍管理员（代西安市雁塔区第一小学（演示））" in browser.get(f"{place}/school").text
    decide(signed_in(ABOVE), session, "accept")
    assert held(cast, session, ONE_OFFICER) == {"phone": "029-11111"}


def test_where_no_rule_asks_for_a_check_the_page_says_that_saving_takes_effect(signed_in: SignedIn, cast: Cast) -> None:
    browser, place = signed_in("linqu_xueji"), f"/records/{cast.unit('西安市碑林区实验小学（演示）').id}"
    assert "保存后立即生效" in browser.get(f"{place}/school").text
    save(browser, f"{place}/school/edit", phone="029-11111")
    assert "029-11111" in browser.get(f"{place}/school").text


def test_teachers_wait_as_well(signed_in: SignedIn, place: str, session: Session) -> None:
    enterer, leader = signed_in(ENTERER), signed_in(LEADER)
    listing = f"{place}/teachers/school_teacher"
    save(enterer, f"{listing}/new", name="赵一（演示）", sex="1")
    page = enterer.get(listing).text
    assert "新加的教师，待核对" in page
    assert "赵一（演示）" in page
    found = re.search(r"/records/teachers/([0-9a-f-]{36})", page)
    assert found
    assert "新档案，还没有生效" in enterer.get(f"/records/teachers/{found[1]}").text
    assert "学校教师：赵一（演示）" in leader.get(QUEUE).text
    decide(leader, session, "accept")
    page = enterer.get(listing).text
    assert "新加的教师" not in page
    assert "赵一（演示）" in page


def test_an_import_says_before_and_after_what_waits(signed_in: SignedIn, cast: Cast) -> None:
    browser = signed_in("shi_xueji")
    rows = [
        [str(cast.unit(WITH_LEADER).id), "029-1111"],
        [str(cast.unit("西安市碑林区实验小学（演示）").id), "029-2222"],
    ]
    data = {
        "csrf_token": browser.token("/records/import?entity=school"),
        "file": (io.BytesIO(write_csv(["单位编号", "联系电话"], rows)), "学校.csv"),
    }
    answer = browser.client.post("/records/import?entity=school", data=data, content_type="multipart/form-data")
    assert "其中 1 份按规则要由别人核对" in browser.get(answer.location).text
    browser.post(f"{answer.location}/apply", page=answer.location)
    page = browser.get(QUEUE).text
    assert "已导入，改动了 1 份档案。" in page
    assert "1 份改动送去核对" in page
    assert "我录入、还没有生效的" in page


def test_a_waiting_teacher_shows_nothing_sensitive_to_who_only_reads(signed_in: SignedIn, place: str) -> None:
    listing = f"{place}/teachers/school_teacher"
    save(signed_in(ENTERER), f"{listing}/new", name="赵一（演示）", ethnic_group="01")
    reader = signed_in("sheng_guanli")
    found = re.search(r"/records/teachers/([0-9a-f-]{36})", reader.get(listing).text)
    assert found
    page = reader.get(f"/records/teachers/{found[1]}").text
    assert "汉族" not in page
    assert "另有 1 项敏感信息" in page


@pytest.mark.parametrize(("person", "status"), [("xian_jishu", 403), ("xuexiao_xitong", 403), (LEADER, 200)])
def test_the_queue_is_for_those_who_check(signed_in: SignedIn, person: str, status: int) -> None:
    assert signed_in(person).get(QUEUE).status_code == status
