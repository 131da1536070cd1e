"""The door: who gets in, who does not, and what they are told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from limits import RateLimitItemPerMinute
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.demonstration import PASSWORD
from registry_core import clock
from registry_core.accounts import passwords, queries, rate_limits
from registry_core.accounts.models import Account, BrowserSession, KnownDevice
from registry_core.accounts.policies import IDLE, STRANGERS
from registry_core.rules.topics.people import PasswordRules
from registry_core.store import make_store
from tests.portal_house import Browser

WRONG = "用户名或密码不对"
PAUSED = "已暂停从这里登录"
ATTEMPTS = PasswordRules().attempts
LOCK = timedelta(minutes=PasswordRules().lock_minutes)
HERE = "127.0.0.1"
NEW = "春天的纸飞机-2041"


def sessions_of(session: Session, user_name: str) -> list[BrowserSession]:
    query = select(BrowserSession).join(Account, Account.id == BrowserSession.account_id)
    return list(session.scalars(query.where(Account.user_name == user_name).execution_options(populate_existing=True)))


def test_the_right_password_opens_the_workbench(browser: Browser) -> None:
    assert browser.sign_in("xuexiao_xueji").location == "/"
    assert "李晓芸" in browser.get("/").text


def test_a_user_name_is_the_same_in_capitals(browser: Browser) -> None:
    assert browser.sign_in("XueXiao_XueJi").status_code == 303


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(browser: Browser) -> None:
    wrong = browser.sign_in("xuexiao_xueji", "not the password")
    unknown = browser.sign_in("nobody_here", "not the password")
    assert wrong.status_code == unknown.status_code == 422
    assert WRONG in wrong.text
    assert WRONG in unknown.text


def test_a_refused_sign_in_keeps_the_user_name_and_not_the_password(browser: Browser) -> None:
    answer = browser.sign_in("xuexiao_xueji", "not the password")
    assert 'value="xuexiao_xueji"' in answer.text
    assert "not the password" not in answer.text


def test_an_empty_form_names_its_fields(browser: Browser) -> None:
    answer = browser.sign_in("", "")
    assert answer.status_code == 422
    assert "请填写用户名。" in answer.text
    assert "请填写密码。" in answer.text


def test_who_is_not_signed_in_is_sent_to_the_door_and_from_there_to_the_page(browser: Browser) -> None:
    sent = browser.get("/questions?filter=open")
    assert sent.location == "/sign-in?next=/questions?filter%3Dopen"
    assert 'name="next" value="/questions?filter=open"' in browser.get(sent.location).text
    assert browser.sign_in("xuexiao_xueji", to="/questions?filter=open").location == "/questions?filter=open"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"],
)
def test_the_door_leads_to_own_pages_only(browser: Browser, elsewhere: str) -> None:
    assert browser.sign_in("xuexiao_xueji", to=elsewhere).location == "/"


def test_the_cookie_that_was_there_before_does_not_become_the_signed_in_one(browser: Browser) -> None:
    with browser.client.session_transaction() as planted:
        planted["planted"] = "by somebody else"
    browser.sign_in("xuexiao_xueji")
    with browser.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert "browser" in cookie


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Browser) -> None:
    set_cookie = browser.sign_in("xuexiao_xueji").headers["Set-Cookie"]
    assert "HttpOnly" in set_cookie
    assert "SameSite=Lax" in set_cookie


def test_the_database_never_sees_the_token(browser: Browser, session: Session) -> None:
    browser.sign_in("xuexiao_xueji")
    with browser.client.session_transaction() as cookie:
        token = cookie["browser"]
    (opened,) = sessions_of(session, "xuexiao_xueji")
    assert token not in opened.token_hash
    assert len(opened.token_hash) == 64


def fail(browser: Browser, user_name: str = "xuexiao_xueji", *, times: int, address: str = HERE) -> None:
    for _attempt in range(times):
        assert WRONG in knock(browser, user_name, "not the password", address=address).text


def knock(
    browser: Browser, user_name: str = "xuexiao_xueji", password: str = PASSWORD, *, address: str = HERE
) -> TestResponse:
    fields = {"csrf_token": browser.token(), "user_name": user_name, "password": password}
    return browser.client.post("/sign-in", data=fields, environ_base={"REMOTE_ADDR": address})


def test_eight_failures_from_one_place_pause_it_and_the_right_password_waits_too(
    browser: Browser, session: Session
) -> None:
    fail(browser, times=ATTEMPTS)
    answer = browser.sign_in("xuexiao_xueji")
    assert answer.status_code == 429
    assert PAUSED in answer.text
    assert sessions_of(session, "xuexiao_xueji") == []


def test_seven_failures_pause_nothing_and_success_forgets_them(browser: Browser) -> None:
    for _round in range(2):
        fail(browser, times=ATTEMPTS - 1)
        assert browser.sign_in("xuexiao_xueji").status_code == 303
        browser.post("/sign-out", page="/account/password")


def test_a_pause_is_over_after_a_quarter_of_an_hour_and_not_before(browser: Browser) -> None:
    with clock.frozen(clock.now()) as time:
        fail(browser, times=ATTEMPTS)
        time.move(LOCK - timedelta(seconds=1))
        assert PAUSED in browser.sign_in("xuexiao_xueji").text
        time.move(timedelta(seconds=1))
        assert browser.sign_in("xuexiao_xueji").status_code == 303


def test_a_stranger_elsewhere_locks_nobody_out_of_a_browser_that_is_known(app: Flask, browser: Browser) -> None:
    browser.sign_in("xuexiao_xueji")
    browser.post("/sign-out", page="/account/password")
    fail(Browser(app), times=ATTEMPTS, address=HERE)
    assert PAUSED in knock(Browser(app), address=HERE).text
    assert browser.sign_in("xuexiao_xueji").status_code == 303


def test_failures_at_one_address_do_not_pause_another(app: Flask, browser: Browser) -> None:
    fail(browser, times=ATTEMPTS, address="192.0.2.7")
    assert knock(Browser(app), address="192.0.2.8").status_code == 303


def test_strangers_all_over_the_world_are_slowed_together_and_a_known_browser_is_not(
    app: Flask, browser: Browser
) -> None:
    browser.sign_in("xuexiao_xueji")
    browser.post("/sign-out", page="/account/password")
    stranger = Browser(app)
    for number in range(STRANGERS):
        fail(stranger, times=ATTEMPTS, address=f"198.51.100.{number}")
    assert PAUSED in knock(stranger, address="203.0.113.1").text
    assert browser.sign_in("xuexiao_xueji").status_code == 303


def test_a_known_browser_is_paused_by_its_own_failures(browser: Browser) -> None:
    browser.sign_in("xuexiao_xueji")
    browser.post("/sign-out", page="/account/password")
    fail(browser, times=ATTEMPTS)
    assert PAUSED in browser.sign_in("xuexiao_xueji").text


def test_a_browser_known_to_one_account_is_a_stranger_to_another(browser: Browser) -> None:
    browser.sign_in("xuexiao_xueji")
    browser.post("/sign-out", page="/account/password")
    fail(browser, "xian_jishu", times=ATTEMPTS)
    assert PAUSED in browser.sign_in("xian_jishu").text
    assert browser.sign_in("xuexiao_xueji").status_code == 303


def test_a_planted_device_cookie_makes_no_browser_known(browser: Browser, session: Session) -> None:
    browser.client.set_cookie("device", "planted-by-somebody-else")
    browser.sign_in("xuexiao_xueji")
    kept = browser.client.get_cookie("device")
    assert kept
    drawn, planted = kept.value.split(".")
    hashes = session.scalars(select(KnownDevice.token_hash)).all()
    assert planted == "planted-by-somebody-else"
    assert hashes == [queries.hash_token(drawn)]


def test_the_device_cookie_is_out_of_reach_of_scripts_and_lasts(browser: Browser) -> None:
    cookies = browser.sign_in("xuexiao_xueji").headers.getlist("Set-Cookie")
    (device,) = [cookie for cookie in cookies if cookie.startswith("device=")]
    assert "HttpOnly" in device
    assert "SameSite=Lax" in device
    assert f"Max-Age={400 * 24 * 3600}" in device


def test_unknown_names_are_paused_like_known_ones(browser: Browser) -> None:
    fail(browser, "nobody_here", times=ATTEMPTS)
    answer = browser.sign_in("nobody_here", "not the password")
    assert answer.status_code == 429
    assert PAUSED in answer.text


def watch_hashing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note every hash that a password is compared with."""
    computed: list[str] = []
    verify = passwords._verify

    def watched(password_hash: str, password: str) -> bool:
        computed.append(password_hash)
        return verify(password_hash, password)

    monkeypatch.setattr(passwords, "_verify", watched)
    return computed


@pytest.mark.parametrize("is_paused", [False, True])
@pytest.mark.parametrize("user_name", ["xuexiao_xueji", "nobody_here", "closed_here"])
def test_known_unknown_and_closed_names_cost_one_hash_each(
    browser: Browser, session: Session, monkeypatch: pytest.MonkeyPatch, user_name: str, *, is_paused: bool
) -> None:
    session.execute(
        update(Account).where(Account.user_name == "xian_jishu").values(user_name="closed_here", closed_at=clock.now())
    )
    if is_paused:
        fail(browser, user_name, times=ATTEMPTS)
    computed = watch_hashing(monkeypatch)
    browser.sign_in(user_name, "not the password")
    assert len(computed) == 1
    assert computed[0].startswith("$argon2id$")


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/forgot", "/sign-in/reset"])
def test_known_and_unknown_names_ask_the_database_the_same(app: Flask, session: Session, path: str) -> None:
    fields = {"password": "x" * 12, "channel": "email", "code": "00000000", "new": NEW, "repeat": NEW}
    asked: dict[str, list[str]] = {}
    for user_name in ("xuexiao_xueji", "nobody_here"):
        browser = Browser(app)
        # The first attempt of all also begins a chain of the audit trail.
        browser.post(path, {"user_name": user_name, **fields}, page=path)
        browser.token(path)
        with statements(session) as heard:
            browser.post(path, {"user_name": user_name, **fields}, page=path)
        asked[user_name] = heard
    assert asked["xuexiao_xueji"]
    assert asked["xuexiao_xueji"] == asked["nobody_here"]


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """Note what the database is asked, without the values."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        heard.append(re.sub(r"savepoint_\d+", "savepoint", statement))

    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


def test_the_same_answer_for_known_and_unknown_names_down_to_the_last_byte(app: Flask) -> None:
    answers = [Browser(app).sign_in(name, "not the password") for name in ("xuexiao_xueji", "nobody_herexx")]
    plain = [
        re.sub(r'(csrf_token" value="|id="user_name".*?value=")[^"]+', "", answer.text, flags=re.DOTALL)
        for answer in answers
    ]
    assert plain[0] == plain[1]
    assert [answer.status_code for answer in answers] == [422, 422]


def test_an_address_that_fails_too_often_has_to_wait_whatever_the_name(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "SIGN_IN", RateLimitItemPerMinute(3, 5, namespace="sign-in-address"))
    for number in range(3):
        assert browser.sign_in(f"nobody_{number}", "not the password").status_code == 422
    answer = browser.sign_in("xuexiao_xueji")
    assert answer.status_code == 429
    assert "所在的网络" in answer.text


def test_without_redis_people_still_sign_in(app: Flask, browser: Browser, tmp_path: object) -> None:
    runtime = app.extensions["xueji"]
    nowhere = make_store(f"unix://{tmp_path}/nowhere.sock")
    app.extensions["xueji"] = type(runtime)(runtime.engine, runtime.sessions, nowhere)
    assert browser.sign_in("xuexiao_xueji", "not the password").status_code == 422
    assert browser.sign_in("xuexiao_xueji").status_code == 303
    assert browser.get("/").status_code == 200


def test_a_closed_account_does_not_get_in_and_is_not_told_why(browser: Browser, session: Session) -> None:
    session.execute(update(Account).where(Account.user_name == "xuexiao_xueji").values(closed_at=clock.now()))
    assert WRONG in browser.sign_in("xuexiao_xueji").text


def test_closing_an_account_ends_what_it_has_open(browser: Browser, session: Session) -> None:
    browser.sign_in("xuexiao_xueji")
    session.execute(update(Account).where(Account.user_name == "xuexiao_xueji").values(closed_at=clock.now()))
    assert browser.get("/").location == "/sign-in"


def test_signing_out_ends_the_session_and_not_just_the_cookie(browser: Browser) -> None:
    browser.sign_in("xuexiao_xueji")
    with browser.client.session_transaction() as cookie:
        kept = dict(cookie)
    assert browser.post("/sign-out", page="/account/password").location == "/sign-in"
    with browser.client.session_transaction() as cookie:
        cookie.update(kept)
    assert browser.get("/").location == "/sign-in"


def test_a_session_ends_after_twelve_idle_hours_and_not_before(browser: Browser) -> None:
    with clock.frozen(clock.now()) as time:
        browser.sign_in("xuexiao_xueji")
        time.move(IDLE - timedelta(seconds=1))
        assert browser.get("/").status_code == 200  # and this use lets it live on
        time.move(IDLE - timedelta(seconds=1))
        assert browser.get("/").status_code == 200
        time.move(IDLE)
        assert browser.get("/").location == "/sign-in"


def test_who_is_signed_in_already_does_not_see_the_door_again(browser: Browser) -> None:
    browser.sign_in("xuexiao_xueji")
    assert browser.get("/sign-in?next=/questions").location == "/questions"


def test_the_demonstration_shows_who_may_be_tried_out(browser: Browser) -> None:
    page = browser.get("/sign-in").text
    assert 'data-user-name="xian_jishu"' in page
    assert PASSWORD in page
