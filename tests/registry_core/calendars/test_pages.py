"""The year as everybody reads it, and as the ministry keeps it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy.orm import Session

from registry_core.calendars import queries, services
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
TABLE = "日期,类型,名称\n2027-01-01,放假,元旦\n2027-01-09,调休上班,元旦"


@pytest.fixture(autouse=True)
def _published(session: Session) -> None:
    services.load_own_days(session)


def test_a_registrar_reads_the_year_and_finds_nothing_to_edit(signed_in: SignedIn) -> None:
    answer = signed_in("xuexiao_xueji").get("/calendars/2026")
    assert answer.status_code == 200
    assert "全年 248 个工作日" in answer.text
    assert "国庆节" in answer.text
    assert "国庆节调休上班" in answer.text
    assert "/calendars/2026/day" not in answer.text
    assert "/calendars/2026/publish" not in answer.text


def test_a_year_that_is_not_published_says_what_follows_from_it(signed_in: SignedIn) -> None:
    answer = signed_in("xuexiao_xueji").get("/calendars/2027")
    assert "还没有公布" in answer.text
    assert "待定" in answer.text


@pytest.mark.parametrize("year", ["1999", "2100", "0"])
def test_there_is_no_calendar_of_other_centuries(signed_in: SignedIn, year: str) -> None:
    assert signed_in("bu_guanli").get(f"/calendars/{year}").status_code == 404


def test_without_a_year_it_shows_the_present_one(signed_in: SignedIn) -> None:
    assert signed_in("xuexiao_xueji").get("/calendars").status_code == 200


@pytest.mark.parametrize("person", ["sheng_guanli", "bu_xueji", "xuexiao_xueji"])
def test_whoever_is_not_the_ministrys_super_administrator_is_refused(signed_in: SignedIn, person: str) -> None:
    browser = signed_in(person)
    assert browser.get("/calendars/2027/publish").status_code == 403
    assert browser.post("/calendars/2027/publish", {"table": TABLE}, page="/calendars").status_code == 403
    assert browser.post("/calendars/2026/day/remove", {"day": "2026-10-01"}, page="/calendars").status_code == 403


def test_the_ministry_publishes_a_pasted_year(signed_in: SignedIn, session: Session) -> None:
    browser = signed_in("bu_guanli")
    answer = browser.post("/calendars/2027/publish", {"table": TABLE}, page="/calendars/2027/publish")
    assert answer.status_code == 303
    assert "新增 2 天" in browser.get("/calendars/2027").text
    assert [row.day for row in queries.list_days(session, 2027)] == [date(2027, 1, 1), date(2027, 1, 9)]


def test_the_ministry_publishes_a_year_from_a_file(signed_in: SignedIn, session: Session) -> None:
    browser = signed_in("bu_guanli")
    sent = {
        "csrf_token": browser.token("/calendars/2027/publish"),
        "table": "",
        "file": (io.BytesIO(f"\ufeff{TABLE}".encode()), "2027.csv"),
    }
    assert browser.client.post("/calendars/2027/publish", data=sent).status_code == 303
    assert queries.count_days(session, 2027) == 2


def test_a_file_in_another_encoding_is_refused_with_what_to_do(signed_in: SignedIn) -> None:
    browser = signed_in("bu_guanli")
    sent = {
        "csrf_token": browser.token("/calendars/2027/publish"),
        "file": (io.BytesIO(TABLE.encode("gb18030")), "2027.csv"),
    }
    answer = browser.client.post("/calendars/2027/publish", data=sent)
    assert answer.status_code == 422
    assert "CSV UTF-8" in answer.text


def test_one_wrong_row_keeps_the_whole_year_out_and_what_was_pasted_stays(
    signed_in: SignedIn, session: Session
) -> None:
    browser = signed_in("bu_guanli")
    answer = browser.post("/calendars/2027/publish", {"table": f"{TABLE}\n2027-02-30,放假,春节"})
    assert answer.status_code == 422
    assert "第 4 行" in answer.text
    assert "2027-01-09,调休上班,元旦" in answer.text
    assert queries.count_days(session, 2027) == 0


def test_the_ministry_corrects_a_single_day_and_takes_it_out_again(signed_in: SignedIn, session: Session) -> None:
    browser = signed_in("bu_guanli")
    day = {"day": "2026-12-24", "kind": "off", "name": "校庆"}
    assert browser.post("/calendars/2026/day", day, page="/calendars/2026/day").status_code == 303
    assert not queries.load_working_days(session).is_working_day(date(2026, 12, 24))
    assert "校庆" in browser.get("/calendars/2026/day?day=2026-12-24").text
    assert browser.post("/calendars/2026/day/remove", {"day": "2026-12-24"}).status_code == 303
    assert queries.load_working_days(session).is_working_day(date(2026, 12, 24))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"day": "2027-01-01", "kind": "off", "name": "元旦"}, "不在 2026 年"),
        ({"day": "2026-12-24", "kind": "work", "name": "元旦"}, "本来就上班"),
        ({"day": "2026-12-24", "kind": "off", "name": ""}, "请填写名称"),
        ({"day": "", "kind": "off", "name": "元旦"}, "请填写日期"),
    ],
)
def test_a_day_that_cannot_be_is_refused_at_its_field(signed_in: SignedIn, fields: dict[str, str], said: str) -> None:
    answer = signed_in("bu_guanli").post("/calendars/2026/day", fields)
    assert answer.status_code == 422
    assert said in answer.text


def test_the_day_of_a_strange_address_is_simply_not_filled_in(signed_in: SignedIn) -> None:
    assert signed_in("bu_guanli").get("/calendars/2026/day?day=%00yesterday").status_code == 200
