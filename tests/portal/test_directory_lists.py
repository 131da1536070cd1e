"""The support directory on pages: who serves where, gaps, stamps, rounds and the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry_core.directory.events import ContactsDue
from registry_core.directory.reactions import tell_of_contacts_due
from registry_core.directory.services import rounds
from registry_core.events import from_payload
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import CodeScheme
from registry_core.orgs.services import assign_code
from tests.conftest import Cast
from tests.jobs_house import jobs
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
SCHOOL = "西安市雁塔区第一小学（演示）"
OTHER_SCHOOL = "西安市雁塔区第二小学（演示）"


def text_of(browser: Browser, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.text


def react(session: Session) -> None:
    """Do what waits for the worker about the directory."""
    for job in jobs(session, ContactsDue.__qualname__):
        due: Any = from_payload(job["event"], job["payload"])
        tell_of_contacts_due(session, due)


def enter(browser: Browser, unit: str, **fields: str) -> int:
    page = f"{unit}/contacts/new"
    return browser.post(page, {"post": "registry_leader", "name": "马骏", **fields}, page=page).status_code


def test_roles_fill_the_directory_and_a_gap_is_filled_by_an_entry(signed_in: SignedIn, cast: Cast) -> None:
    county = signed_in("xian_xueji")
    before = text_of(county, "/contacts")
    assert "何文静" in before
    assert "平台角色" in before
    assert "空缺" in before
    assert enter(county, f"/units/{cast.unit('雁塔区').id}", phone="029-85380000转801", office="副局长") == 303
    after = text_of(county, "/contacts")
    assert "马骏" in after
    assert "029-85380000转801" in after


def test_those_whom_a_desk_serves_may_call_it_and_others_read_that_numbers_are_not_shown(
    signed_in: SignedIn, cast: Cast
) -> None:
    county, own = cast.unit("雁塔区"), cast.unit("西安市雁塔区第二小学（演示）")
    enter(signed_in("xian_xueji"), f"/units/{county.id}", phone="029-85380000")
    for reader, unit in (("xuexiao_putong", county), ("xuexiao_xitong", own), ("xuexiao_putong", own)):
        page = text_of(signed_in(reader), f"/contacts?unit={unit.id}")
        assert "13800000000" in page
        assert "不显示" not in page
        assert "/contacts/new" not in page
    assert "029-85380000" in text_of(signed_in("xuexiao_putong"), f"/contacts?unit={county.id}")
    # A technician of the county sees who serves at a school, and reads why there is no number.
    page = text_of(signed_in("xian_jishu"), f"/contacts?unit={own.id}")
    assert "不显示" in page
    assert "未填" not in page
    assert "13800000000" not in page
    assert "13800000000" in text_of(signed_in("xian_xueji"), f"/contacts?unit={own.id}")


def test_a_neighbours_directory_does_not_exist(signed_in: SignedIn, cast: Cast) -> None:
    county = signed_in("xian_xueji")
    for url in ("/contacts", "/contacts/gaps", "/contacts/export"):
        assert county.get(f"{url}?unit={cast.unit('碑林区').id}").status_code == 404
        assert county.get(f"{url}?unit=kein").status_code == 404


def test_gaps_are_shown_as_tiles_and_in_a_table(signed_in: SignedIn, cast: Cast) -> None:
    page = text_of(signed_in("sheng_guanli"), "/contacts/gaps")
    assert "4 个单位中 0 个已经齐全" in page
    assert "0/3 齐全" in page  # the city with its two counties
    assert "系统安全责任人" in page
    assert "雁塔区" in page
    assert "学籍管理工作负责人" in text_of(signed_in("xian_xueji"), f"/contacts/gaps?unit={cast.unit('雁塔区').id}")


def test_a_formula_does_not_leave_the_house_in_the_file(signed_in: SignedIn, cast: Cast) -> None:
    county = signed_in("xian_xueji")
    assert enter(county, f"/units/{cast.unit('雁塔区').id}", name="=HYPERLINK(1)", office="@SUM(1)") == 303
    answer = county.get("/contacts/export")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("所在地,单位,岗位或机构,姓名")
    assert any(",'=HYPERLINK(1),'@SUM(1)," in line for line in lines)
    assert any("领导小组,未登记" in line for line in lines)
    assert any(SCHOOL in line for line in lines)


def test_a_city_stamps_for_itself_and_its_counties_and_not_twice(signed_in: SignedIn, cast: Cast) -> None:
    city, unit = signed_in("shi_xueji"), f"/units/{cast.unit('西安市').id}"
    page = f"{unit}/contacts/stamp"
    assert "雁塔区" in text_of(city, page)
    assert city.post(page, {"signed_name": ""}, page=page).status_code == 422
    assert city.post(page, {"signed_name": "孙丽华"}, page=page).status_code == 303
    assert "孙丽华 已确认" in text_of(city, f"/contacts/gaps?unit={cast.unit('西安市').id}")
    again = city.post(page, {"signed_name": "孙丽华"}, page=page)
    assert again.status_code == 409
    assert "不需要再确认" in again.text


def test_a_county_below_a_city_is_told_who_stamps(signed_in: SignedIn, cast: Cast) -> None:
    page = f"/units/{cast.unit('雁塔区').id}/contacts/stamp"
    answer = signed_in("xian_xueji").post(page, {"signed_name": "何文静"}, page=page)
    assert answer.status_code == 409
    assert "由市级" in answer.text


def test_a_province_collects_and_those_who_owe_are_told(signed_in: SignedIn, cast: Cast, session: Session) -> None:
    province, unit = signed_in("sheng_guanli"), f"/units/{cast.unit('陕西省').id}"
    page, due = f"{unit}/contacts/rounds/new", orgs.today() + timedelta(days=20)
    fields = {"title": "2027 年通讯录", "due_on": due.isoformat()}
    assert province.post(page, fields, page=page).status_code == 303
    twice = province.post(page, fields, page=page)
    assert twice.status_code == 409
    assert "正在进行" in twice.text
    rounds.remind(session)
    react(session)
    assert "2027 年通讯录" in text_of(signed_in("shi_xueji"), "/notices")
    assert "还有 20 天" in text_of(signed_in("xian_xueji"), "/contacts")
    assert "2027 年通讯录" not in text_of(signed_in("linsheng_xueji"), "/notices")
    assert province.post(page, {**fields, "due_on": ""}, page=page).status_code == 422


def upload(browser: Browser, unit: str, text: str) -> TestResponse:
    page = f"{unit}/code-lists/new"
    data = {"csrf_token": browser.token(page), "file": (BytesIO(text.encode()), "代码表.csv")}
    return browser.client.post(page, data=data, content_type="multipart/form-data")


def test_a_code_list_is_shown_with_its_effect_and_then_applied(
    signed_in: SignedIn, cast: Cast, session: Session
) -> None:
    city, unit = signed_in("shi_xueji"), f"/units/{cast.unit('西安市').id}"
    assign_code(session, cast.unit(SCHOOL), CodeScheme.SCHOOL_CODE, "2161000001", valid_from=date(2020, 9, 1))
    wrong = upload(city, unit, "code,name,county\n2161,新小学,610113\n")
    assert wrong.status_code == 422
    assert "第 2 行：学校标识码“2161”不是 10 位数字" in wrong.text
    checked = upload(city, unit, "code,name,county\n2161000009,新小学,610113\n")
    assert checked.status_code == 303
    shown = text_of(city, checked.location)
    assert SCHOOL in shown
    assert "在任人员" in shown
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', shown)
    assert digest
    apply = f"{checked.location}/apply"
    stale = city.post(apply, {"digest": "0"}, page=checked.location)
    assert stale.status_code == 409
    assert cast.unit(SCHOOL).closed_on is None
    assert city.post(apply, {"digest": digest[1]}, page=checked.location).status_code == 303
    assert "已执行" in text_of(city, checked.location)
    assert "按上级代码表" in text_of(city, f"/units/{cast.unit('新小学').id}")


def test_a_list_that_fails_on_the_way_changes_nothing(signed_in: SignedIn, cast: Cast, session: Session) -> None:
    city, unit = signed_in("shi_xueji"), f"/units/{cast.unit('西安市').id}"
    school = cast.unit(SCHOOL)
    assign_code(session, school, CodeScheme.SCHOOL_CODE, "2161000001", valid_from=date(2020, 9, 1))
    # A code that begins only tomorrow stands in the way of the one that the list would give today.
    other = cast.unit(OTHER_SCHOOL)
    assign_code(session, other, CodeScheme.SCHOOL_CODE, "2161000002", valid_from=orgs.today() + timedelta(days=1))
    checked = upload(city, unit, f"code,name,county\n2161000003,{OTHER_SCHOOL},610113\n")
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', text_of(city, checked.location))
    assert digest
    refused = city.post(f"{checked.location}/apply", {"digest": digest[1]}, page=checked.location)
    assert refused.status_code == 409
    session.expire_all()
    assert school.closed_on is None
    assert "全部执行" in text_of(city, checked.location)


def test_a_neighbours_list_does_not_exist(signed_in: SignedIn, cast: Cast) -> None:
    checked = upload(
        signed_in("shi_xueji"), f"/units/{cast.unit('西安市').id}", "code,name,county\n2161000009,新小学,610113\n"
    )
    assert signed_in("xian_xueji").get(checked.location).status_code == 404
