"""A new password by mail, short message or letter; and what strangers learn from asking for one: nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from limits import RateLimitItemPerMinute
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.demonstration import PASSWORD
from registry_core import clock, events
from registry_core.accounts import rate_limits, reactions
from registry_core.accounts.events import ResetRequested
from registry_core.accounts.models import Account, PasswordReset
from registry_core.accounts.policies import CODE_LIFE, CODE_TRIES, CODES_AN_HOUR, LETTER_LIFE
from registry_core.clock import FrozenClock
from tests.conftest import Cast
from tests.jobs_house import jobs
from tests.portal.second_factor_house import set_up
from tests.portal_house import Browser

NEW = "春天的纸飞机-2041"
SENT = "如果这个用户名登记了邮箱或手机"
WRONG = "验证码不对、已经用过或已过期"
LETTER_CODE = re.compile(r'<dd class="one-time-code" translate="no">([0-9A-Z-]+)</dd>')
SignedIn = Callable[[str], Browser]


@pytest.fixture
def time() -> Iterator[FrozenClock]:
    with clock.frozen(clock.now() + timedelta(minutes=1)) as frozen:
        yield frozen


@pytest.fixture
def worker(app: Flask, session: Session) -> Worker:
    return Worker(app, session)


class Worker:
    """Sends what was asked for, once for each job."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.app = app
        self.session = session
        self.done = 0

    def sends(self) -> list[dict[str, Any]]:
        """The mails and short messages that follow from what was asked for since the last time."""
        waiting = jobs(self.session, "ResetRequested")[self.done :]
        before = len(jobs(self.session))
        self.done += len(waiting)
        for job in waiting:
            event = events.from_payload("ResetRequested", job["payload"])
            assert isinstance(event, ResetRequested)
            with self.app.test_request_context():
                reactions.send_code(self.session, event)
                reactions.send_code(self.session, event)  # a job may run twice
        return [job.get("mail") or job["sms"] for job in jobs(self.session)[before:]]


def ask(browser: Browser, user_name: str = "xuexiao_xueji", channel: str = "email") -> TestResponse:
    return browser.post("/sign-in/forgot", {"user_name": user_name, "channel": channel}, page="/sign-in/forgot")


def redeem(browser: Browser, code: str, user_name: str = "xuexiao_xueji", new: str = NEW) -> TestResponse:
    fields = {"user_name": user_name, "code": code, "new": new, "repeat": new}
    return browser.post("/sign-in/reset", fields, page="/sign-in/reset")


def code_in(sent: dict[str, Any]) -> str:
    found = re.search(r"\b\d{8}\b", sent["text"])
    assert found
    return found[0]


def test_a_code_from_the_mail_sets_a_new_password_and_ends_every_session(
    app: Flask, browser: Browser, signed_in: SignedIn, worker: Worker
) -> None:
    elsewhere = signed_in("xuexiao_xueji")
    asked = ask(browser)
    assert asked.location == "/sign-in/reset"
    assert SENT in browser.get("/sign-in/reset").text
    (mail,) = worker.sends()
    assert mail["to"] == "xuexiao_xueji@demo.invalid"
    assert redeem(browser, code_in(mail)).location == "/sign-in"
    assert elsewhere.get("/").location == "/sign-in"
    assert browser.sign_in("xuexiao_xueji", PASSWORD).status_code == 422
    assert Browser(app).sign_in("xuexiao_xueji", NEW).location == "/"


def test_a_code_comes_as_a_short_message_too(browser: Browser, worker: Worker) -> None:
    ask(browser, channel="sms")
    (sms,) = worker.sends()
    assert sms["mobile"] == "13800000000"
    assert redeem(browser, code_in(sms)).location == "/sign-in"


def test_the_change_is_told(browser: Browser, worker: Worker, session: Session) -> None:
    ask(browser)
    (mail,) = worker.sends()
    redeem(browser, code_in(mail))
    assert len(jobs(session, "PasswordChanged")) == 1


def test_asking_for_a_name_that_nobody_has_gets_the_same_answer_and_does_the_same(
    app: Flask, session: Session, worker: Worker
) -> None:
    known, unknown = Browser(app), Browser(app)
    answers = [ask(known), ask(unknown, "nobody_here_x")]
    assert [(one.status_code, one.location) for one in answers] == [(303, "/sign-in/reset")] * 2
    assert SENT in unknown.get("/sign-in/reset").text
    assert len(jobs(session)) == 2
    assert session.scalars(select(PasswordReset)).all() == []  # whether the name is known is found out by the worker
    assert len(worker.sends()) == 1


def test_a_wrong_code_gets_the_same_answer_for_known_and_unknown_names(app: Flask, worker: Worker) -> None:
    known, unknown = Browser(app), Browser(app)
    ask(known)
    worker.sends()
    answers = [redeem(known, "00000000"), redeem(unknown, "00000000", "nobody_here_x")]
    assert [one.status_code for one in answers] == [422, 422]
    assert all(WRONG in one.text for one in answers)


def test_a_code_opens_once(browser: Browser, worker: Worker) -> None:
    ask(browser)
    (mail,) = worker.sends()
    redeem(browser, code_in(mail))
    assert WRONG in redeem(browser, code_in(mail), new="另一只纸飞机-2042").text


def test_a_code_opens_for_a_quarter_of_an_hour(browser: Browser, worker: Worker, time: FrozenClock) -> None:
    ask(browser)
    (mail,) = worker.sends()
    time.move(CODE_LIFE)
    assert WRONG in redeem(browser, code_in(mail)).text


def test_five_wrong_tries_end_a_code(browser: Browser, worker: Worker) -> None:
    ask(browser)
    (mail,) = worker.sends()
    right = code_in(mail)
    wrong = "00000000" if right != "00000000" else "11111111"
    for _try in range(CODE_TRIES):
        assert WRONG in redeem(browser, wrong).text
    assert WRONG in redeem(browser, right).text


def test_a_code_of_one_account_does_not_open_another(browser: Browser, worker: Worker) -> None:
    ask(browser)
    (mail,) = worker.sends()
    ask(browser, "xian_jishu")
    worker.sends()
    assert WRONG in redeem(browser, code_in(mail), "xian_jishu").text


def test_a_weak_password_does_not_use_the_code_up(browser: Browser, worker: Worker) -> None:
    ask(browser)
    (mail,) = worker.sends()
    assert "太常见" in redeem(browser, code_in(mail), new="1234567890").text
    assert redeem(browser, code_in(mail)).location == "/sign-in"


def test_three_codes_an_hour_are_sent_and_no_more(browser: Browser, worker: Worker, time: FrozenClock) -> None:
    for _time in range(CODES_AN_HOUR + 2):
        ask(browser)
    assert len(worker.sends()) == CODES_AN_HOUR
    time.move(timedelta(hours=1))
    ask(browser)
    assert len(worker.sends()) == 1


def test_one_address_does_not_ask_without_end(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "RESET", RateLimitItemPerMinute(2, 60, namespace="reset-address"))
    assert [ask(browser, f"nobody_{number}").status_code for number in range(3)] == [303, 303, 429]


@pytest.mark.parametrize("values", [{"closed_at": "now"}, {"email": None}])
def test_nothing_is_sent_to_a_closed_account_or_without_an_address(
    browser: Browser, worker: Worker, session: Session, values: dict[str, Any]
) -> None:
    given = {name: clock.now() if value == "now" else value for name, value in values.items()}
    session.execute(update(Account).where(Account.user_name == "xuexiao_xueji").values(**given))
    assert ask(browser).status_code == 303
    assert worker.sends() == []


def test_the_code_does_not_stand_in_the_table(browser: Browser, worker: Worker, session: Session) -> None:
    ask(browser)
    (mail,) = worker.sends()
    (row,) = session.scalars(select(PasswordReset)).all()
    assert code_in(mail) not in row.code_hash


def test_a_reset_by_mail_does_not_step_over_the_second_factor(
    app: Flask, browser: Browser, signed_in: SignedIn, worker: Worker
) -> None:
    set_up(signed_in("xuexiao_xueji"))
    ask(browser)
    redeem(browser, code_in(worker.sends()[0]))
    assert Browser(app).sign_in("xuexiao_xueji", NEW).location == "/sign-in/code"


# ── in person ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def give(giver: Browser, cast: Cast, to: str, **more: str) -> TestResponse:
    fields = {"account_id": str(cast.id(to)), "identity": "y", **more}
    return giver.post("/letters", fields, page="/letters")


def code_on(letter: TestResponse) -> str:
    assert letter.status_code == 200, letter.text
    found = LETTER_CODE.search(letter.text)
    assert found
    return found[1]


def test_the_level_above_finds_and_prints_and_the_letter_opens_once(
    app: Flask, signed_in: SignedIn, cast: Cast, session: Session
) -> None:
    giver, browser = signed_in("sheng_guanli"), Browser(app)
    assert "xuexiao_xueji" in giver.get("/letters?words=李晓").text
    letter = give(giver, cast, "xuexiao_xueji")
    assert "printed" in letter.text
    assert redeem(browser, code_on(letter).lower().replace("-", "")).location == "/sign-in"
    assert WRONG in redeem(browser, code_on(letter), new="另一只纸飞机-2042").text
    (row,) = session.scalars(select(PasswordReset)).all()
    assert row.given_by_id == cast.id("sheng_guanli")
    assert row.used_at is not None


def test_a_letter_names_the_address_of_the_house_whatever_the_browser_called_it(
    signed_in: SignedIn, cast: Cast
) -> None:
    letter = give(signed_in("sheng_guanli"), cast, "xuexiao_xueji")
    assert letter.request.host == "localhost"
    assert "http://127.0.0.1:8000/sign-in/reset" in letter.text
    assert "localhost" not in letter.text


def test_a_letter_for_a_lost_telephone_takes_the_second_factor_away_and_another_does_not(
    app: Flask, signed_in: SignedIn, cast: Cast
) -> None:
    set_up(signed_in("xuexiao_xueji"))
    giver, browser = signed_in("sheng_guanli"), Browser(app)
    redeem(browser, code_on(give(giver, cast, "xuexiao_xueji")))
    assert Browser(app).sign_in("xuexiao_xueji", NEW).location == "/sign-in/code"
    redeem(browser, code_on(give(giver, cast, "xuexiao_xueji", drops_factor="y")), new="另一只纸飞机-2042")
    assert Browser(app).sign_in("xuexiao_xueji", "另一只纸飞机-2042").location == "/"


def test_a_letter_ends_after_three_days_and_by_the_next_one(
    browser: Browser, signed_in: SignedIn, cast: Cast, time: FrozenClock
) -> None:
    giver = signed_in("sheng_guanli")
    first, second = (code_on(give(giver, cast, "xuexiao_xueji")) for _letter in range(2))
    assert WRONG in redeem(browser, first).text
    time.move(LETTER_LIFE)
    assert WRONG in redeem(browser, second).text


def test_guessers_do_not_spoil_a_letter(app: Flask, signed_in: SignedIn, cast: Cast) -> None:
    code = code_on(give(signed_in("sheng_guanli"), cast, "xuexiao_xueji"))
    guesser = Browser(app)
    for _guess in range(CODE_TRIES + 1):
        assert WRONG in redeem(guesser, "00000000").text
    assert redeem(guesser, code).location == "/sign-in"


def test_a_letter_is_given_after_looking_at_the_person_alone(signed_in: SignedIn, cast: Cast) -> None:
    giver = signed_in("sheng_guanli")
    fields = {"account_id": str(cast.id("xuexiao_xueji"))}
    assert "请先当面核对本人和证件" in giver.post("/letters", fields, page="/letters?words=李晓").text


@pytest.mark.parametrize(
    "to",
    [
        "sheng_xueji",  # beside the giver
        "bu_guanli",  # above
        "linsheng_xueji",  # in another province
        "sheng_guanli",  # oneself
        "xuesheng",  # holds no role
    ],
)
def test_a_letter_goes_to_the_units_below_alone(signed_in: SignedIn, cast: Cast, to: str) -> None:
    giver = signed_in("sheng_guanli")
    assert give(giver, cast, to).status_code == 404
    assert f'value="{cast.id(to)}"' not in giver.get(f"/letters?words={to}").text


def test_the_search_shows_nobody_outside_the_own_part_of_the_tree(signed_in: SignedIn) -> None:
    page = signed_in("sheng_guanli").get("/letters?words=演示").text
    assert "李晓芸" in page
    assert "谢雨桐" not in page
    assert "高雅琴" not in page
