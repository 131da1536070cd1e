"""Changing a password, and what ends with the old one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.demonstration import PASSWORD
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
    ],
)
def test_a_weak_password_is_refused_with_the_rule_that_it_breaks(
    signed_in: Callable[[str], Browser], new: str, told: str
) -> None:
    assert told in change(signed_in("xian_jishu"), new=new, repeat=new)


def test_ten_characters_are_enough(signed_in: Callable[[str], Browser]) -> None:
    assert change(signed_in("xian_jishu"), new="纸飞机2036-ab", repeat="纸飞机2036-ab") == "/"


def test_a_refused_change_leaves_other_sessions_alone(signed_in: Callable[[str], Browser]) -> None:
    here, elsewhere = signed_in("xian_jishu"), signed_in("xian_jishu")
    change(here, current="not the password")
    assert elsewhere.get("/").status_code == 200
