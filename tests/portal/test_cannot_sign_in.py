"""登录不了: what somebody sees who asks before signing in, and what the desk sees of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from limits import RateLimitItemPerMinute
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from helpdesk.models import Channel, Ticket
from registry_core.accounts import rate_limits
from registry_core.accounts.models import Account
from tests.conftest import Cast
from tests.portal_house import Browser

PAGE = "/cannot-sign-in"
SCHOOL = "西安市雁塔区第一小学（演示）"


def send(browser: Browser, **fields: str) -> TestResponse:
    given = {
        "name": "王小梅",
        "unit_words": "雁塔区第一",
        "reach": "139 1234 5678",
        "body": "换了手机，收不到验证码。",
        "client_id": "one",
    }
    return browser.post(PAGE, given | fields, page=PAGE)


def test_the_door_leads_there(browser: Browser) -> None:
    assert f'href="{PAGE}"' in browser.get("/sign-in").text
    assert browser.get(PAGE).status_code == 200


def test_a_unit_is_found_while_typing(browser: Browser) -> None:
    found = browser.get(f"{PAGE}/units?unit_words=雁塔区第一").text
    assert f"陕西省 › 西安市 › 雁塔区 › {SCHOOL}" in found
    assert "没有找到" in browser.get(f"{PAGE}/units?unit_words=没有这样的地方").text


def test_without_scripts_the_units_are_found_by_sending_the_form(browser: Browser, cast: Cast) -> None:
    shown = send(browser)
    assert shown.status_code == 422
    assert str(cast.unit(SCHOOL).id) in shown.text
    assert "换了手机，收不到验证码。" in shown.text
    assert send(browser, unit_id=str(cast.unit(SCHOOL).id)).location == "/sign-in"
    assert "已经转给您单位的服务台" in browser.get("/sign-in").text


def test_a_unit_that_was_not_offered_is_refused(browser: Browser, cast: Cast, session: Session) -> None:
    assert send(browser, unit_id=str(cast.unit("武汉市").id)).status_code == 422
    assert session.scalars(select(Ticket)).all() == []


@pytest.mark.parametrize("missing", ["name", "reach", "body"])
def test_each_field_says_what_it_needs(browser: Browser, cast: Cast, missing: str) -> None:
    answer = send(browser, unit_id=str(cast.unit(SCHOOL).id), **{missing: ""})
    assert answer.status_code == 422
    assert "field-fault" in answer.text


def test_one_address_does_not_ask_without_end(browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "ASK_AT_DOOR", RateLimitItemPerMinute(2, 60, namespace="ask-at-door-address"))
    unit_id = str(cast.unit(SCHOOL).id)
    codes = [send(browser, unit_id=unit_id, client_id=str(number)).status_code for number in range(3)]
    assert codes == [303, 303, 429]


def test_who_asks_is_signed_in_nowhere(browser: Browser, cast: Cast, session: Session) -> None:
    send(browser, unit_id=str(cast.unit(SCHOOL).id))
    assert browser.get("/").location == "/sign-in"
    guest = session.scalars(select(Account).where(Account.is_guest)).one()
    assert browser.sign_in(guest.user_name, "!").status_code == 422


def test_the_desk_sees_that_nobody_has_checked_who_asks_until_somebody_has(
    browser: Browser, signed_in: Callable[[str], Browser], cast: Cast, session: Session
) -> None:
    send(browser, unit_id=str(cast.unit(SCHOOL).id))
    ticket = session.scalars(select(Ticket).where(Ticket.channel == Channel.DOOR)).one()
    desk = signed_in("xian_jishu")
    desk.post(f"/tickets/{ticket.id}/take", page="/console")
    page = desk.get(f"/console/{ticket.id}").text
    assert re.search(r'data-tone="overdue">.*?身份未核实</span>', page, re.DOTALL)
    assert "139 1234 5678" in page
    checked = desk.post(f"/tickets/{ticket.id}/identity", {"how": "打学校总机找到本人"}, page="/console")
    assert checked.status_code == 303
    page = desk.get(f"/console/{ticket.id}").text
    assert not re.search(r'data-tone="overdue">.*?身份未核实</span>', page, re.DOTALL)
    assert "核实了提问人的身份：打学校总机找到本人" in page
