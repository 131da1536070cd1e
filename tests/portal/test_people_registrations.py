"""The public pages of registration, and those on which a unit decides."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core.accounts.models import Account
from registry_core.accounts.rate_limits import REGISTER
from registry_core.people.models import Registration
from tests.conftest import Cast
from tests.jobs_house import jobs
from tests.people_house import SCHOOL, react
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
FIELDS = {"name": "秦岭", "channel": "sms", "mobile": "13912345678", "email": "", "wish": "五年级班主任"}
_CODE = re.compile(r"\b[0-9]{6}\b")


def register(browser: Browser, cast: Cast, **other: str) -> str:
    page = f"/register?unit={cast.unit(SCHOOL).id}"
    answer = browser.post(page, {**FIELDS, **other}, page=page)
    return f"{answer.status_code} {answer.headers.get('Location', '')}"


def code_sent(session: Session) -> str:
    react(session, "RegistrationRequested")
    found = _CODE.search(next(job["sms"]["text"] for job in jobs(session) if "sms" in job))
    assert found
    return found[0]


def test_a_teacher_registers_and_the_school_opens_the_account(
    browser: Browser, signed_in: SignedIn, session: Session, cast: Cast
) -> None:
    assert str(cast.unit(SCHOOL).id) in browser.get("/register?words=雁塔+第一小学").text
    assert register(browser, cast).endswith("/register/confirm")
    confirm = {"code": code_sent(session)}
    assert "申请已提交" in browser.post("/register/confirm", confirm, page="/register/confirm").text
    school = signed_in("xuexiao_xueji")
    address = f"/people/registrations/{session.scalars(select(Registration.id)).one()}"
    assert address in school.get("/people/registrations").text
    accepted = {"role": "ordinary_user", "narrowed_to": "", "user_name": ""}
    assert school.post(f"{address}/accept", accepted, page=address).status_code == 303
    assert "已开通" in school.get(address).text


def test_the_unit_is_found_by_walking_down_the_tree(browser: Browser, cast: Cast) -> None:
    page = "/register"
    for name in ("陕西省", "西安市", "雁塔区"):
        link = f"/register?within={cast.unit(name).id}"
        assert link in browser.get(page).text
        page = link
    shown = browser.get(page).text
    assert f"/register?unit={cast.unit(SCHOOL).id}" in shown
    assert f"/register?unit={cast.unit('雁塔区').id}" in shown
    assert str(cast.unit("碑林区").id) not in shown


@pytest.mark.parametrize("within", ["nonsense", "01a2041b-0000-7000-8000-000000000000", "school"])
def test_a_place_that_is_no_part_of_the_way_shows_the_provinces(within: str, browser: Browser, cast: Cast) -> None:
    chosen = cast.unit(SCHOOL).id if within == "school" else within
    answer = browser.get(f"/register?within={chosen}")
    assert answer.status_code == 200
    assert f"/register?within={cast.unit('陕西省').id}" in answer.text


def test_a_code_is_of_no_use_in_another_browser(
    browser: Browser, signed_in: SignedIn, session: Session, cast: Cast
) -> None:
    register(browser, cast)
    confirm = {"code": code_sent(session)}
    other = signed_in("xian_jishu")
    assert other.post("/register/confirm", confirm, page="/register/confirm").status_code == 422


def test_a_used_code_is_refused_as_a_wrong_one(browser: Browser, session: Session, cast: Cast) -> None:
    register(browser, cast)
    confirm = {"code": code_sent(session)}
    assert browser.post("/register/confirm", confirm, page="/register/confirm").status_code == 200
    again = browser.post("/register/confirm", confirm, page="/register/confirm")
    assert again.status_code == 422
    assert "验证码不对、已经用过或已过期" in again.text


def test_the_answer_is_the_same_whether_an_account_exists(browser: Browser, session: Session, cast: Cast) -> None:
    session.get_one(Account, cast.id("xuexiao_xueji")).email = "lixiaoyun@example.cn"
    session.commit()
    known = register(browser, cast, channel="email", email="lixiaoyun@example.cn")
    unknown = register(browser, cast, channel="email", email="nobody@example.cn")
    assert known == unknown


def test_where_the_code_goes_has_to_be_filled_in(browser: Browser, cast: Cast) -> None:
    assert register(browser, cast, channel="email").startswith("422")
    assert register(browser, cast, mobile="12345").startswith("422")
    # What stands in the field of the other way, which nobody sees, stops nobody.
    assert not register(browser, cast, email="kein").startswith("422")


def test_a_form_without_the_token_is_refused(browser: Browser, cast: Cast) -> None:
    page = f"/register?unit={cast.unit(SCHOOL).id}"
    assert browser.client.post(page, data=FIELDS).status_code == 400


def test_state_and_unit_cannot_be_smuggled_in(browser: Browser, session: Session, cast: Cast) -> None:
    elsewhere = str(cast.unit("教育部").id)
    register(browser, cast, state="accepted", confirmed_at="2026-01-01", unit_id=elsewhere, role="super_administrator")
    stored = session.scalars(select(Registration)).one()
    assert (stored.state, stored.confirmed_at, stored.unit_id) == ("unconfirmed", None, cast.unit(SCHOOL).id)


def test_one_address_registers_only_so_often(browser: Browser, cast: Cast) -> None:
    answers = [register(browser, cast)[:3] for _time in range(REGISTER.amount + 1)]
    assert set(answers[:-1]) == {"303"}
    assert answers[-1] == "429"
