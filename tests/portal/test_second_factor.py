"""The second factor: set up, asked for at the door, used up, and demanded by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.demonstration import PASSWORD
from registry_core import clock
from registry_core.accounts.models import RecoveryCode, SecondFactor, SignInAttempt
from registry_core.accounts.policies import STEP_UP, WRONG_CODES_A_DAY
from registry_core.clock import FrozenClock
from registry_core.rules.topics.people import PasswordRules
from tests.conftest import Cast
from tests.portal.second_factor_house import CODE, lay_down_rule, read_square, set_up
from tests.portal_house import Browser

WRONG = "验证码不对或已经用过"
ATTEMPTS = PasswordRules().attempts
SignedIn = Callable[[str], Browser]


@pytest.fixture
def time() -> Iterator[FrozenClock]:
    """A clock at the beginning of a step of codes, a little after everybody has got their roles."""
    soon = int(clock.now().timestamp()) // 30 * 30 + 60
    with clock.frozen(datetime.fromtimestamp(soon, UTC)) as frozen:
        yield frozen


def knock(app: Flask, user_name: str = "xian_jishu") -> Browser:
    """A new browser with the right password shown."""
    browser = Browser(app)
    assert browser.sign_in(user_name).location == "/sign-in/code"
    return browser


def show(browser: Browser, code: str, *, address: str = "127.0.0.1") -> TestResponse:
    fields = {"csrf_token": browser.token("/sign-in/code"), "code": code}
    return browser.client.post("/sign-in/code", data=fields, environ_base={"REMOTE_ADDR": address})


def test_with_the_code_of_the_app_one_is_in_and_without_it_not(
    app: Flask, signed_in: SignedIn, time: FrozenClock
) -> None:
    telephone, _codes = set_up(signed_in("xian_jishu"))
    time.move(timedelta(minutes=5))
    browser = knock(app)
    assert browser.get("/").location == "/sign-in"
    assert WRONG in show(browser, "000000").text
    assert browser.get("/").location == "/sign-in"
    assert show(browser, telephone.code()).location == "/"
    assert browser.get("/").status_code == 200


def test_the_square_is_drawn_by_us_and_carries_no_script_and_no_style(signed_in: SignedIn) -> None:
    page = signed_in("xian_jishu").get("/account/second-factor").text
    square = page[page.index("<svg xmlns") : page.index("</svg>", page.index("<svg xmlns"))]
    assert "style" not in square
    assert "script" not in square


def test_setting_up_is_finished_by_a_right_code_alone(app: Flask, signed_in: SignedIn) -> None:
    here = signed_in("xian_jishu")
    page = here.get("/account/second-factor").text
    assert WRONG in here.post("/account/second-factor", {"code": "000000"}, page="/account/second-factor").text
    assert Browser(app).sign_in("xian_jishu").location == "/"
    assert read_square(here.get("/account/second-factor").text) == read_square(page)


def test_setting_up_signs_out_whoever_else_is_in(signed_in: SignedIn) -> None:
    here, elsewhere = signed_in("xian_jishu"), signed_in("xian_jishu")
    set_up(here)
    assert elsewhere.get("/").location == "/sign-in"
    assert here.get("/account").status_code == 200


def test_a_code_opens_once(app: Flask, signed_in: SignedIn, time: FrozenClock) -> None:
    telephone, _codes = set_up(signed_in("xian_jishu"))
    assert WRONG in show(knock(app), telephone.code()).text  # the one that finished the set-up
    time.move(timedelta(minutes=1))
    code = telephone.code()
    assert show(knock(app), code).location == "/"
    assert WRONG in show(knock(app), code).text


def test_an_earlier_code_is_worth_nothing_after_a_later_one(app: Flask, signed_in: SignedIn, time: FrozenClock) -> None:
    telephone, _codes = set_up(signed_in("xian_jishu"))
    time.move(timedelta(minutes=1))
    earlier = telephone.code(steps=-1)
    assert show(knock(app), telephone.code()).location == "/"
    assert WRONG in show(knock(app), earlier).text


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephone_may_be_one_step_off_and_no_more(
    app: Flask, signed_in: SignedIn, time: FrozenClock, *, steps: int, opens: bool
) -> None:
    telephone, _codes = set_up(signed_in("xian_jishu"))
    time.move(timedelta(minutes=5))
    assert (show(knock(app), telephone.code(steps=steps)).status_code == 303) is opens


def test_each_of_ten_recovery_codes_opens_once(app: Flask, signed_in: SignedIn, session: Session) -> None:
    _telephone, codes = set_up(signed_in("xian_jishu"))
    assert len(set(codes)) == 10
    assert show(knock(app), codes[3].lower().replace("-", " ")).location == "/"
    assert WRONG in show(knock(app), codes[3]).text
    assert show(knock(app), codes[4]).location == "/"
    stored = session.scalars(select(RecoveryCode.code_hash)).all()
    assert not set(codes) & set(stored)


def test_a_recovery_code_of_somebody_else_opens_nothing(app: Flask, signed_in: SignedIn) -> None:
    set_up(signed_in("xian_jishu"))
    _telephone, others = set_up(signed_in("xian_jishu2"))
    assert WRONG in show(knock(app), others[0]).text


def test_new_recovery_codes_end_those_before(app: Flask, signed_in: SignedIn) -> None:
    here = signed_in("xian_jishu")
    _telephone, before = set_up(here)
    after = CODE.findall(here.post("/account/recovery-codes", page="/account").text)
    assert len(set(after) - set(before)) == 10
    assert WRONG in show(knock(app), before[0]).text
    assert show(knock(app), after[0]).location == "/"


def test_guessing_codes_is_paused(app: Flask, signed_in: SignedIn) -> None:
    _telephone, codes = set_up(signed_in("xian_jishu"))
    browser = knock(app)
    for _guess in range(ATTEMPTS):
        assert WRONG in show(browser, "000000").text
    assert show(browser, codes[0]).status_code == 429


def test_guessing_codes_from_all_over_the_world_ends_after_thirty_a_day(
    app: Flask, signed_in: SignedIn, time: FrozenClock
) -> None:
    home = signed_in("xian_jishu")
    _telephone, codes = set_up(home)
    for number in range(WRONG_CODES_A_DAY):
        time.move(timedelta(minutes=20))
        assert WRONG in show(knock(app), "000000", address=f"198.51.100.{number}").text
    stranger = Browser(app)
    assert stranger.sign_in("xian_jishu").status_code == 429
    home.post("/sign-out", page="/account")
    assert home.sign_in("xian_jishu").location == "/sign-in/code"
    assert show(home, codes[0]).location == "/"


def test_the_secret_is_sealed_in_the_table(signed_in: SignedIn, session: Session) -> None:
    telephone, _codes = set_up(signed_in("xian_jishu"))
    (row,) = session.scalars(select(SecondFactor)).all()
    assert telephone.secret not in row.sealed_secret


def test_with_another_secret_of_the_house_no_code_opens_and_nothing_breaks(
    app: Flask, signed_in: SignedIn, time: FrozenClock, session: Session
) -> None:
    telephone, _codes = set_up(signed_in("xian_jishu"))
    session.execute(update(SecondFactor).values(sealed_secret="sealed with another key"))
    time.move(timedelta(minutes=5))
    assert WRONG in show(knock(app), telephone.code()).text


def test_the_steps_of_the_door_keep_their_order(app: Flask, signed_in: SignedIn) -> None:
    set_up(signed_in("xian_jishu"))
    browser = knock(app)
    new = {"new": "春天的纸飞机-2041", "repeat": "春天的纸飞机-2041"}
    assert browser.post("/sign-in/password", new, page="/sign-in/code").location == "/sign-in"
    assert browser.post("/sign-in/finish", page="/sign-in/code").location == "/sign-in/code"
    assert browser.get("/sign-in/second-factor").location == "/sign-in"
    assert browser.get("/").location == "/sign-in"


def test_a_sign_in_begun_with_the_old_password_does_not_outlive_it(app: Flask, signed_in: SignedIn) -> None:
    owner = signed_in("xian_jishu")
    set_up(owner)
    other = knock(app)
    assert other.get("/sign-in/code").status_code == 200
    change = {"current": PASSWORD, "new": "春天的纸飞机-2041", "repeat": "春天的纸飞机-2041"}
    assert owner.post("/account/password", change, page="/account/password").location == "/"
    assert other.get("/sign-in/code").location == "/sign-in"


def test_the_door_leads_to_the_wanted_page_after_the_second_step(app: Flask, signed_in: SignedIn) -> None:
    _telephone, codes = set_up(signed_in("xian_jishu"))
    browser = Browser(app)
    browser.sign_in("xian_jishu", to="/questions")
    assert show(browser, codes[0]).location == "/questions"
    browser = Browser(app)
    browser.sign_in("xian_jishu", to="https://evil.example/")
    assert show(browser, codes[1]).location == "/"


# ── demanded by rule ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def demanded(session: Session, cast: Cast) -> None:
    """A rule of the province by which technicians need a second factor."""
    lay_down_rule(session, cast.unit("陕西省"), "second_factor", {"roles": ["technician"]})


@pytest.mark.usefixtures("demanded")
def test_whose_role_demands_it_sets_it_up_before_anything_else(browser: Browser) -> None:
    assert browser.sign_in("xian_jishu", to="/questions").location == "/sign-in/second-factor"
    assert browser.get("/").location == "/sign-in"
    telephone = read_square(browser.get("/sign-in/second-factor").text)
    done = browser.post("/sign-in/second-factor", {"code": telephone.code()}, page="/sign-in/second-factor")
    assert len(CODE.findall(done.text)) == 10
    assert browser.get("/").location == "/sign-in"
    assert browser.post("/sign-in/finish", page="/sign-in").location == "/questions"
    assert browser.get("/questions").status_code == 200


@pytest.mark.usefixtures("demanded")
def test_the_demand_holds_for_its_roles_and_its_part_of_the_tree_alone(app: Flask) -> None:
    assert Browser(app).sign_in("xian_xueji").location == "/"
    assert Browser(app).sign_in("linsheng_jishu").location == "/"


@pytest.mark.usefixtures("demanded")
def test_what_is_demanded_cannot_be_taken_away(browser: Browser, signed_in: SignedIn) -> None:
    del browser
    here = signed_in("xian_xueji")
    set_up(here)
    assert here.post("/account/second-factor/remove", page="/account").location == "/account"
    technician = Browser(here.client.application)
    technician.sign_in("xian_jishu")
    telephone = read_square(technician.get("/sign-in/second-factor").text)
    technician.post("/sign-in/second-factor", {"code": telephone.code()}, page="/sign-in/second-factor")
    technician.post("/sign-in/finish", page="/sign-in")
    assert technician.post("/account/second-factor/remove", page="/account").status_code == 409
    assert "您的岗位要求使用二次验证" in technician.get("/account").text


# ── a fresh proof ─────────────────────────────────────────────────────────────────────────────────────────────────────


def confirm(browser: Browser, answer: str, *, to: str = "") -> TestResponse:
    return browser.post("/account/confirm", {"answer": answer, "next": to}, page="/account/confirm")


def test_ten_minutes_after_signing_in_acts_of_weight_ask_again(signed_in: SignedIn, time: FrozenClock) -> None:
    here = signed_in("xian_jishu")
    time.move(STEP_UP - timedelta(seconds=1))
    assert here.get("/account/second-factor").status_code == 200
    time.move(timedelta(seconds=1))
    assert here.get("/account/second-factor").location == "/account/confirm?next=/account/second-factor"
    assert confirm(here, PASSWORD, to="/account/second-factor").location == "/account/second-factor"
    assert here.get("/account/second-factor").status_code == 200


def test_who_has_a_second_factor_confirms_by_it_and_not_by_the_password(signed_in: SignedIn, time: FrozenClock) -> None:
    here = signed_in("xian_jishu")
    telephone, _codes = set_up(here)
    time.move(STEP_UP)
    assert here.post("/account/recovery-codes", page="/account").location.startswith("/account/confirm")
    assert WRONG in confirm(here, PASSWORD).text
    assert confirm(here, telephone.code()).location == "/account"
    assert here.post("/account/recovery-codes", page="/account").status_code == 200


def test_a_proof_gives_the_browser_a_new_token_and_an_older_cookie_gains_nothing(
    app: Flask, signed_in: SignedIn, time: FrozenClock
) -> None:
    here, thief = signed_in("xian_jishu"), Browser(app)
    stolen = here.client.get_cookie("desk")
    assert stolen
    time.move(STEP_UP)
    confirm(here, PASSWORD)
    thief.client.set_cookie("desk", stolen.value)
    assert thief.get("/").location == "/sign-in"
    assert here.get("/account").status_code == 200


def test_a_confirmation_leads_to_own_pages_only(signed_in: SignedIn) -> None:
    assert confirm(signed_in("xian_jishu"), PASSWORD, to="//evil.example").location == "/account"


def test_guessing_at_a_confirmation_is_paused(signed_in: SignedIn, session: Session) -> None:
    here = signed_in("xian_jishu")
    for _guess in range(ATTEMPTS):
        assert confirm(here, "not the password").status_code == 422
    assert confirm(here, PASSWORD).status_code == 429
    session.execute(update(SignInAttempt).values(at=clock.now() - timedelta(minutes=15)))
    assert confirm(here, PASSWORD).status_code == 303
