"""The pages of organisation records, as people use them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry_core.orgs.models import CodeScheme
from registry_core.orgs.services import assign_code
from registry_core.records import queries
from registry_core.records.models import Entity
from registry_core.sheets import read_table, write_csv
from tests.conftest import Cast
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
SCHOOL = "西安市雁塔区第一小学（演示）"
OFFICER, ABOVE, NEIGHBOUR = "xuexiao_xueji", "xian_xueji", "linqu_xueji"


@pytest.fixture
def place(cast: Cast) -> str:
    return f"/records/{cast.unit(SCHOOL).id}"


def save(browser: Browser, page: str, **fields: Any) -> TestResponse:
    return browser.post(page, {"version": "0", **fields}, page=page)


def version_on(page: TestResponse) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', page.text)
    assert found, page.text
    return found[1]


def test_a_school_fills_in_its_record_and_sees_what_is_missing(signed_in: SignedIn, place: str) -> None:
    browser = signed_in(OFFICER)
    assert "还没有填写" in browser.get("/records").text
    assert "待填" in browser.get(f"{place}/school").text
    answer = save(browser, f"{place}/school/edit", phone="029-88888888", school_operation="9")
    assert answer.status_code == 303, answer.text
    page = browser.get(f"{place}/school").text
    assert "029-88888888" in page
    assert "其他（9）" in page
    assert "还缺 8 项" in browser.get("/records").text


def test_a_primary_school_is_not_asked_for_a_kindergartens_records(
    signed_in: SignedIn, cast: Cast, session: Session
) -> None:
    browser = signed_in(OFFICER)
    folded = browser.get("/records").text.partition("这里也办幼儿园？")
    assert "学校教师" in folded[0]
    assert "幼儿园信息" not in folded[0]
    assert "幼儿园信息" in folded[2]
    assign_code(session, cast.unit(SCHOOL), CodeScheme.SCHOOL_CODE, "2161000001")
    assert "幼儿园教师" not in browser.get("/records").text


def test_a_kindergarten_is_known_by_its_code_and_what_was_begun_is_always_shown(
    signed_in: SignedIn, cast: Cast, session: Session, place: str
) -> None:
    assign_code(session, cast.unit(SCHOOL), CodeScheme.SCHOOL_CODE, "1161000001")
    browser = signed_in(OFFICER)
    page = browser.get("/records").text
    assert "幼儿园教师" in page
    assert "学校信息" not in page
    save(browser, f"{place}/school/edit", phone="029-88888888")
    page = browser.get("/records").text
    assert "幼儿园信息" in page
    assert "学校信息" in page


def test_who_may_neither_export_nor_import_is_not_shown_a_list_without_links(signed_in: SignedIn) -> None:
    assert "导出和导入" in signed_in("xian_xueji").get("/records").text
    assert "导出和导入" not in signed_in("xian_guanli").get("/records").text


def test_a_faulty_field_comes_back_with_what_was_typed(signed_in: SignedIn, place: str) -> None:
    answer = save(signed_in(OFFICER), f"{place}/school/edit", class_total="many", phone="029-88888888")
    assert answer.status_code == 422
    assert "应是不小于 0 的整数" in answer.text
    assert 'value="many"' in answer.text
    assert 'value="029-88888888"' in answer.text


def test_the_second_of_two_is_shown_what_the_first_made_of_it_and_can_save_again(
    signed_in: SignedIn, place: str, cast: Cast, session: Session
) -> None:
    page = f"{place}/school/edit"
    first, second = signed_in(ABOVE), signed_in(OFFICER)
    save(first, page, phone="029-11111", fax="029-99999")
    version = version_on(second.get(page))
    save(first, page, version=version, phone="029-22222", fax="029-77777")
    answer = save(second, page, version=version, phone="029-33333", fax="029-99999")
    assert answer.status_code == 409
    assert "029-22222" in answer.text
    assert "何文静（演示）" in answer.text
    assert 'value="029-33333"' in answer.text
    assert 'value="029-77777"' in answer.text
    again = save(second, page, version=version_on(answer), phone="029-33333", fax="029-77777")
    assert again.status_code == 303
    record = queries.find_record(session, cast.unit(SCHOOL), Entity.SCHOOL)
    assert record is not None
    assert record.values == {"phone": "029-33333", "fax": "029-77777"}


def test_the_history_of_a_field_names_who_and_what(
    signed_in: SignedIn, place: str, cast: Cast, session: Session
) -> None:
    browser = signed_in(OFFICER)
    save(browser, f"{place}/school/edit", phone="029-11111")
    record = queries.find_record(session, cast.unit(SCHOOL), Entity.SCHOOL)
    assert record is not None
    page = browser.get(f"/records/history/{record.id}/phone").text
    assert "李晓芸（演示）" in page
    assert "029-11111" in page
    assert "还没有人填过" in browser.get(f"/records/history/{record.id}/fax").text
    assert browser.get(f"/records/history/{record.id}/no_such_field").status_code == 404
    assert signed_in(NEIGHBOUR).get(f"/records/history/{record.id}/phone").status_code == 404


def test_neighbours_find_nothing_and_who_keeps_no_registry_may_not(signed_in: SignedIn, place: str) -> None:
    assert signed_in(NEIGHBOUR).get(f"{place}/school").status_code == 404
    assert signed_in(NEIGHBOUR).get(f"{place}/school/edit").status_code == 404
    assert signed_in("xian_jishu").get(f"{place}/school").status_code == 403
    assert signed_in("sheng_guanli").get(f"{place}/school").status_code == 200
    assert signed_in("sheng_guanli").get(f"{place}/school/edit").status_code == 403


def test_teachers_are_listed_changed_and_leave(signed_in: SignedIn, place: str) -> None:
    browser = signed_in(OFFICER)
    listing = f"{place}/teachers/school_teacher"
    assert "这里还没有教师" in browser.get(listing).text
    assert "本平台的约定" in browser.get(listing).text
    save(browser, f"{listing}/new", name="赵一（演示）", sex="1", ethnic_group="01")
    found = re.search(r"/records/teachers/([0-9a-f-]{36})", browser.get(listing).text)
    assert found
    teacher = f"/records/teachers/{found[1]}"
    assert "汉族" in browser.get(teacher).text
    # Who reads and does not keep the record sees nothing sensitive.
    assert "汉族" not in signed_in("sheng_guanli").get(teacher).text
    assert browser.post(f"{teacher}/leave", page=teacher).status_code == 303
    assert "赵一" not in browser.get(listing).text
    assert "已离开" in browser.get(teacher).text


def test_a_department_sees_the_gaps_below(signed_in: SignedIn) -> None:
    browser = signed_in("shi_xueji")
    page = browser.get("/records?gaps=1").text
    assert "雁塔区" in page
    assert "0/2" in page


@pytest.mark.parametrize(("wanted", "kind"), [("xlsx", "spreadsheetml"), ("csv", "text/csv")])
def test_an_export_is_a_file_and_never_a_formula(signed_in: SignedIn, place: str, wanted: str, kind: str) -> None:
    browser = signed_in(OFFICER)
    save(browser, f"{place}/school/edit", school_name="=1+1")
    answer = browser.get(f"/records/export?entity=school&format={wanted}")
    assert kind in answer.headers["Content-Type"]
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "=1+1" in read_table(answer.data).rows[0].cells
    assert b",=1+1" not in answer.data


def upload(browser: Browser, content: bytes) -> TestResponse:
    page = "/records/import?entity=school"
    data = {"csrf_token": browser.token(page), "file": (io.BytesIO(content), "学校.csv")}
    return browser.client.post(page, data=data, content_type="multipart/form-data")


def test_a_sound_file_is_shown_first_and_then_written(signed_in: SignedIn, cast: Cast, session: Session) -> None:
    browser = signed_in(ABOVE)
    unit = cast.unit(SCHOOL)
    answer = upload(browser, write_csv(["单位编号", "联系电话"], [[str(unit.id), "029-11111"]]))
    assert answer.status_code == 303, answer.text
    page = browser.get(answer.location).text
    assert "检查通过，还没有导入" in page
    assert "联系电话：填 029-11111" in page
    assert queries.find_record(session, unit, Entity.SCHOOL) is None
    assert browser.post(f"{answer.location}/apply", page=answer.location).status_code == 303
    record = queries.find_record(session, unit, Entity.SCHOOL)
    assert record is not None
    assert record.values == {"phone": "029-11111"}
    assert "已经导入" in browser.get(answer.location).text


def test_a_faulty_file_is_refused_with_every_cell(signed_in: SignedIn, cast: Cast) -> None:
    rows = [[str(cast.unit(SCHOOL).id), "call me"], ["nowhere", "029-11111"]]
    answer = upload(signed_in(ABOVE), write_csv(["单位编号", "联系电话"], rows))
    assert answer.status_code == 422
    assert "2 处错误" in answer.text
    assert "号码只能有数字" in answer.text
    assert "没有这个单位" in answer.text


def test_what_is_no_table_is_refused_in_words(signed_in: SignedIn) -> None:
    answer = upload(signed_in(ABOVE), b"PK\x03\x04 nothing")
    assert answer.status_code == 422
    assert "打不开" in answer.text


def test_an_unknown_kind_of_record_is_refused(signed_in: SignedIn) -> None:
    assert signed_in(ABOVE).get("/records/import?entity=pupil").status_code == 422
    assert signed_in(ABOVE).get("/records/export?entity=").status_code == 422
