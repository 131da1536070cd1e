"""账号与安全: where one is signed in, what was tried, and word of a new device."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry_core import clock, events
from registry_core.accounts import reactions
from registry_core.accounts.events import SignedInByNewDevice
from registry_core.accounts.models import Account, BrowserSession, KnownDevice, SignInAttempt
from registry_core.accounts.policies import HISTORY
from registry_core.accounts.services.attempts import forget_old_attempts
from registry_core.notifications.models import Notice
from tests.conftest import Cast
from tests.jobs_house import jobs
from tests.portal_house import Browser

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1"
SignedIn = Callable[[str], Browser]


def sign_in(app: Flask, user_agent: str, *, address: str = "192.0.2.4", user_name: str = "xian_jishu") -> Browser:
    browser = Browser(app)
    browser.client.environ_base |= {"HTTP_USER_AGENT": user_agent, "REMOTE_ADDR": address}
    assert browser.sign_in(user_name).status_code == 303
    return browser


def session_ids(session: Session, cast: Cast, user_name: str = "xian_jishu") -> list[str]:
    query = select(BrowserSession.id).where(
        BrowserSession.account_id == cast.id(user_name), BrowserSession.ended_at.is_(None)
    )
    return [str(found) for found in session.scalars(query.order_by(BrowserSession.created_at))]


def test_the_page_shows_each_device_in_words_with_its_place_and_marks_this_one(app: Flask) -> None:
    sign_in(app, SAFARI, address="198.51.100.9")
    page = sign_in(app, FIREFOX).get("/account").text
    assert "Safari 17 · iOS" in page
    assert "198.51.100.9" in page
    assert "Firefox 132 · Windows" in page
    assert page.count("本机") == 1


def test_one_device_is_signed_out_and_the_others_stay(app: Flask, session: Session, cast: Cast) -> None:
    telephone, here = sign_in(app, SAFARI), sign_in(app, FIREFOX)
    first, _second = session_ids(session, cast)
    assert here.post("/account/sessions/end", {"session_id": first}, page="/account").location == "/account"
    assert telephone.get("/").location == "/sign-in"
    assert here.get("/account").status_code == 200


def test_all_others_are_signed_out_at_once(app: Flask) -> None:
    others, here = [sign_in(app, SAFARI), sign_in(app, SAFARI)], sign_in(app, FIREFOX)
    here.post("/account/sessions/end-others", page="/account")
    assert [other.get("/").location for other in others] == ["/sign-in", "/sign-in"]
    assert here.get("/account").status_code == 200


def test_the_session_of_somebody_else_does_not_exist(app: Flask, session: Session, cast: Cast) -> None:
    other, here = sign_in(app, SAFARI, user_name="xian_jishu2"), sign_in(app, FIREFOX)
    (theirs,) = session_ids(session, cast, "xian_jishu2")
    assert here.post("/account/sessions/end", {"session_id": theirs}, page="/account").status_code == 404
    assert other.get("/").status_code == 200


def test_the_history_shows_what_worked_and_what_did_not(app: Flask) -> None:
    Browser(app).sign_in("xian_jishu", "not the password")
    page = sign_in(app, FIREFOX).get("/account").text
    assert "登录成功" in page
    assert "密码不对" in page


def test_attempts_of_others_stand_on_no_page_of_mine(app: Flask) -> None:
    Browser(app).sign_in("xian_jishu2", "not the password")
    assert "密码不对" not in sign_in(app, FIREFOX).get("/account").text


def test_attempts_are_kept_for_ninety_days_and_no_longer(app: Flask, session: Session) -> None:
    sign_in(app, FIREFOX)
    sign_in(app, SAFARI)
    first, second = session.scalars(select(SignInAttempt).order_by(SignInAttempt.at)).all()
    session.execute(
        update(SignInAttempt).where(SignInAttempt.id == first.id).values(at=clock.now() - HISTORY - timedelta(hours=1))
    )
    forget_old_attempts(session)
    assert session.scalars(select(SignInAttempt.id)).all() == [second.id]


def test_the_name_that_was_typed_does_not_stand_in_the_table(browser: Browser, session: Session) -> None:
    browser.sign_in("this is really a password", "xian_jishu")
    (row,) = session.scalars(select(SignInAttempt)).all()
    assert row.account_id is None
    assert "password" not in row.name_key
    assert len(row.name_key) == 64


def test_the_first_device_of_all_is_no_news_and_the_second_is_told_once(
    app: Flask, session: Session, cast: Cast
) -> None:
    first = sign_in(app, FIREFOX)
    assert jobs(session, "SignedInByNewDevice") == []
    first.post("/sign-out", page="/account")
    first.sign_in("xian_jishu")
    assert jobs(session, "SignedInByNewDevice") == []
    sign_in(app, SAFARI, address="198.51.100.9")
    (job,) = jobs(session, "SignedInByNewDevice")
    event = events.from_payload("SignedInByNewDevice", job["payload"])
    assert isinstance(event, SignedInByNewDevice)
    with app.test_request_context():
        reactions.tell_of_new_device(session, event)
        reactions.tell_of_new_device(session, event)
    (mail,) = [job["mail"] for job in jobs(session) if "mail" in job]
    assert mail["to"] == "xian_jishu@demo.invalid"
    assert "Safari 17 · iOS" in mail["text"]
    assert "198.51.100.9" in mail["text"]
    kinds = session.scalars(select(Notice.kind).where(Notice.account_id == cast.id("xian_jishu"))).all()
    assert kinds == ["new_device"]


def test_a_device_is_known_to_its_account_alone(app: Flask, session: Session, cast: Cast) -> None:
    shared = sign_in(app, FIREFOX, user_name="xian_jishu")
    shared.post("/sign-out", page="/account")
    shared.sign_in("xian_jishu2")
    devices = session.scalars(select(KnownDevice.account_id)).all()
    assert sorted(devices) == sorted([cast.id("xian_jishu"), cast.id("xian_jishu2")])
    cookie = shared.client.get_cookie("device")
    assert cookie
    assert len(cookie.value.split(".")) == 2


def test_a_page_tells_no_mail_address_or_number_that_is_missing(signed_in: SignedIn, session: Session) -> None:
    here = signed_in("xian_jishu")
    session.execute(update(Account).where(Account.user_name == "xian_jishu").values(email=None, mobile=None))
    assert here.get("/account").text.count("没有登记") == 2
