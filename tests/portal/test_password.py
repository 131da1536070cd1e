"""Changing a password, and what ends with the old one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.demonstration import PASSWORD
from registry_core import clock
from registry_core.accounts.models import Account
from registry_core.accounts.passwords import hash_password
from registry_core.accounts.policies import PENDING
from tests.portal_house import Browser

NEW = "春天的纸飞机-2041"


def change(browser: Browser, *, current: str = PASSWORD, new: str = NEW, repeat: str = NEW) -> str:
    fields = {"current": current, "new": new, "repeat": repeat}
    answer = browser.post("/account/password", fields, page="/account/password")
    return answer.location or answer.text


def test_a_new_password_ends_every_other_session_and_keeps_this_one(signed_in: Callable[[str], Browser]) -> None:
    here, elsewhere, somebody_else = (signed_in(name) for name in ("xian_jishu", "xian_jishu", "xian_jishu2"))
    assert change(here) == "/"
    assert "密码已修改" in here.get("/").text
    assert elsewhere.get("/").location == "/sign-in"
    assert somebody_else.get("/").status_code == 200


def test_after_a_change_only_the_new_password_opens(signed_in: Callable[[str], Browser], browser: Browser) -> None:
    change(signed_in("xian_jishu"))
    assert browser.sign_in("xian_jishu").status_code == 422
    assert browser.sign_in("xian_jishu", NEW).status_code == 303


def test_the_current_password_is_asked_for(signed_in: Callable[[str], Browser]) -> None:
    assert "当前密码不对" in change(signed_in("xian_jishu"), current="not the password")


def test_the_new_password_is_written_twice(signed_in: Callable[[str], Browser]) -> None:
    assert "两次输入的新密码不一样" in change(signed_in("xian_jishu"), repeat="something else")


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("123456789", "至少要 10 个字符"),
        ("1234567890", "太常见"),
        ("abababababab", "太常见"),
        ("my-XIAN_JISHU-1", "不要包含用户名"),
        ("Xueji@2026!", "太常见"),
        ("一" * 9, "至少要 10 个字符"),
    ],
)
def test_a_weak_password_is_refused_with_the_rule_that_it_breaks(
    signed_in: Callable[[str], Browser], new: str, told: str
) -> None:
    assert told in change(signed_in("xian_jishu"), new=new, repeat=new)


def test_the_password_in_use_is_no_new_one(signed_in: Callable[[str], Browser]) -> None:
    here = signed_in("xian_jishu")
    change(here)
    assert "最近 5 次里用过" in change(here, current=NEW)


def test_the_last_five_passwords_are_remembered_and_the_one_before_them_is_not(
    signed_in: Callable[[str], Browser],
) -> None:
    here = signed_in("xian_jishu")
    used = [PASSWORD, *(f"纸飞机飞过了第{number}朵白云" for number in "一二三四五六七")]
    for current, new in pairwise(used):
        assert change(here, current=current, new=new, repeat=new) == "/"
    assert "用过" in change(here, current=used[-1], new=used[2], repeat=used[2])
    assert change(here, current=used[-1], new=used[1], repeat=used[1]) == "/"


def test_ten_characters_are_enough(signed_in: Callable[[str], Browser]) -> None:
    assert change(signed_in("xian_jishu"), new="纸飞机2036-ab", repeat="纸飞机2036-ab") == "/"


def test_a_refused_change_leaves_other_sessions_alone(signed_in: Callable[[str], Browser]) -> None:
    here, elsewhere = signed_in("xian_jishu"), signed_in("xian_jishu")
    change(here, current="not the password")
    assert elsewhere.get("/").status_code == 200


# ── at the door ───────────────────────────────────────────────────────────────────────────────────────────────────────


def set_account(session: Session, **values: object) -> None:
    session.execute(update(Account).where(Account.user_name == "xian_jishu").values(**values))


def renew(browser: Browser, new: str = NEW) -> TestResponse:
    return browser.post("/sign-in/password", {"new": new, "repeat": new}, page="/sign-in/password")


def test_a_password_that_somebody_else_gave_is_changed_before_anything_else(browser: Browser, session: Session) -> None:
    set_account(session, must_change_password=True)
    assert browser.sign_in("xian_jishu", to="/questions").location == "/sign-in/password"
    assert browser.get("/").location == "/sign-in"
    assert renew(browser).location == "/questions"
    assert browser.get("/questions").status_code == 200


def test_the_given_password_does_not_become_the_own_one(browser: Browser, session: Session) -> None:
    set_account(session, must_change_password=True, password_hash=hash_password("信封里的纸条-381"))
    browser.sign_in("xian_jishu", "信封里的纸条-381")
    assert "用过" in renew(browser, "信封里的纸条-381").text
    assert browser.get("/").location == "/sign-in"


def test_a_password_holds_for_half_a_year_and_no_day_longer(browser: Browser, session: Session) -> None:
    with clock.frozen(clock.now()) as time:
        set_account(session, password_changed_at=clock.now())
        time.move(timedelta(days=180, seconds=-1))
        assert browser.sign_in("xian_jishu").location == "/"
        browser.post("/sign-out", page="/account/password")
        time.move(timedelta(seconds=1))
        assert browser.sign_in("xian_jishu").location == "/sign-in/password"


def test_changing_it_at_the_door_ends_what_was_open_elsewhere(
    signed_in: Callable[[str], Browser], browser: Browser, session: Session
) -> None:
    elsewhere = signed_in("xian_jishu")
    set_account(session, must_change_password=True)
    browser.sign_in("xian_jishu")
    renew(browser)
    assert elsewhere.get("/").location == "/sign-in"


def test_the_steps_of_the_door_are_closed_to_who_has_not_knocked(browser: Browser) -> None:
    for step in ("code", "password", "second-factor"):
        assert browser.get(f"/sign-in/{step}").location == "/sign-in"
        assert browser.post(f"/sign-in/{step}", {"new": NEW, "repeat": NEW, "code": "000000"}).location == "/sign-in"
    assert browser.post("/sign-in/finish").location == "/sign-in"


def test_a_sign_in_that_was_begun_ends_after_a_quarter_of_an_hour(browser: Browser, session: Session) -> None:
    set_account(session, must_change_password=True)
    with clock.frozen(clock.now()) as time:
        browser.sign_in("xian_jishu")
        time.move(PENDING)
        assert browser.get("/sign-in/password").location == "/sign-in"
