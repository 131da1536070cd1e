"""通知方式: what is chosen is kept and shown again, and a browser subscribes for itself alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.away.forms import SWITCHES
from registry_core.away.models import AwayChoice, PushSubscription, Way
from registry_core.away.policies import Choice, switch
from registry_core.away.queries import find_subscription, get_choice
from registry_core.notifications.kinds import WordKind
from registry_core.rules.loader import load_packs
from registry_core.webpush import vapid
from registry_core.webpush.vapid import VapidKey, install_vapid
from tests.conftest import Cast
from tests.portal_house import Browser
from tests.registry_core.webpush.push_service import BrowserEnd

SignIn = Callable[[str], Browser]
PAGE = "/account/word"
NAME = "xuexiao_xueji"


@pytest.fixture(autouse=True)
def _key() -> Iterator[None]:
    """A key of the test's own: the application's would be made in the folder of this checkout."""
    before = list(vapid._loaders)
    key = VapidKey.make()
    install_vapid(lambda: key)
    yield
    vapid._loaders[:] = before
    vapid._loaded.clear()


def fields(**more: Any) -> dict[str, Any]:
    return {"on": list(SWITCHES), "digest": "60", "digest_hour": "8", **more}


def subscription(endpoint: str = "https://fcm.googleapis.com/fcm/send/one") -> dict[str, str]:
    end = BrowserEnd()
    return {"endpoint": endpoint, "p256dh": end.p256dh, "auth": end.auth}


def test_who_has_chosen_nothing_sees_the_choice_of_the_house(signed_in: SignIn) -> None:
    page = signed_in(NAME).get(PAGE)
    assert page.status_code == 200
    assert 'value="22:00"' in page.text
    assert 'value="07:00"' in page.text
    assert page.text.count('name="on"') == 10
    assert "短信</th>" not in page.text


def test_short_messages_are_offered_for_what_the_rule_marks(session: Session, signed_in: SignIn) -> None:
    load_packs(session)
    page = signed_in(NAME).get(PAGE)
    assert f'value="{switch(WordKind.APPROVAL, Way.SMS)}"' in page.text
    assert f'value="{switch(WordKind.MESSAGE, Way.SMS)}"' not in page.text
    assert "一天最多 3 条" in page.text


def test_what_is_chosen_is_kept_and_shown_again(session: Session, cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(NAME)
    on = [switch(WordKind.MESSAGE, Way.PUSH), switch(WordKind.ANSWER, Way.MAIL)]
    chosen = fields(
        on=on,
        digest="daily",
        digest_hour="17",
        is_quiet="y",
        quiet_from="12:30",
        quiet_until="14:00",
        is_quiet_on_days_off="y",
    )
    assert browser.post(PAGE, chosen, page=PAGE).status_code == 303
    choice = get_choice(session, cast.actor(NAME))
    assert choice.wants(WordKind.MESSAGE, Way.PUSH)
    assert not choice.wants(WordKind.MESSAGE, Way.MAIL)
    assert choice.wants(WordKind.SECURITY, Way.MAIL)
    # Not on the page without a rule, so it stays as it was.
    assert choice.wants(WordKind.APPROVAL, Way.SMS)
    assert (choice.silence, choice.digest_hour) == (None, 17)
    assert (choice.quiet_from, choice.quiet_until) == (time(12, 30), time(14))
    assert choice.is_quiet_on_days_off
    shown = browser.get(PAGE).text
    assert shown.count("checked") == len(on) + 2
    assert 'value="12:30"' in shown
    assert get_choice(session, cast.actor("xian_xueji")) == Choice()


def test_quiet_hours_can_be_given_up(session: Session, cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(NAME)
    assert browser.post(PAGE, fields(quiet_from="", quiet_until=""), page=PAGE).status_code == 303
    assert get_choice(session, cast.actor(NAME)).quiet_from is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"is_quiet": "y", "quiet_from": "22:00", "quiet_until": "22:00"},
        {"is_quiet": "y", "quiet_from": "22:00", "quiet_until": ""},
        {"is_quiet": "y", "quiet_from": "25:00", "quiet_until": "07:00"},
        {"digest": "5"},
        {"digest_hour": "24"},
        {"on": "security:push"},
    ],
)
def test_what_cannot_be_is_refused_at_its_field(session: Session, signed_in: SignIn, wrong: dict[str, str]) -> None:
    answer = signed_in(NAME).post(PAGE, fields(**wrong), page=PAGE)
    assert answer.status_code == 422
    assert "fault-summary" in answer.text
    assert session.scalars(select(AwayChoice)).all() == []


def test_a_pause_is_shown_and_ended(session: Session, cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(NAME)
    assert browser.post(f"{PAGE}/pause", {"until": "week"}, page=PAGE).status_code == 303
    until = get_choice(session, cast.actor(NAME)).paused_until
    assert until is not None
    assert abs(until - clock.now() - timedelta(days=7)) < timedelta(minutes=1)
    assert "已暂停" in browser.get(PAGE).text
    # Saving the form in the meantime does not end it.
    browser.post(PAGE, fields(), page=PAGE)
    assert get_choice(session, cast.actor(NAME)).paused_until == until
    browser.post(f"{PAGE}/pause", {"until": "end"}, page=PAGE)
    assert get_choice(session, cast.actor(NAME)).paused_until is None
    assert browser.post(f"{PAGE}/pause", {"until": "forever"}, page=PAGE).status_code == 422


def test_until_tomorrow_means_tomorrow_at_seven(session: Session, cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(NAME)
    browser.post(f"{PAGE}/pause", {"until": "tomorrow"}, page=PAGE)
    until = get_choice(session, cast.actor(NAME)).paused_until
    assert until is not None
    local, today = clock.local(until), clock.local(clock.now()).date()
    assert (local.date() - today, local.hour) == (timedelta(days=1), 7)


def test_a_browser_takes_notices_until_it_is_signed_out(session: Session, cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(NAME)
    assert 'data-push-known="false"' in browser.get(PAGE).text
    assert browser.post(f"{PAGE}/browser", subscription(), page=PAGE).status_code == 204
    [row] = session.scalars(select(PushSubscription)).all()
    assert row.account_id == cast.id(NAME)
    assert 'data-push-known="true"' in browser.get(PAGE).text
    assert 'data-push-known="false"' in signed_in(NAME).get(PAGE).text
    assert find_subscription(session, row.id) is not None
    browser.post("/sign-out", page=PAGE)
    assert find_subscription(session, row.id) is None


def test_a_browser_leaves_for_itself_alone(session: Session, signed_in: SignIn) -> None:
    browser, other = signed_in(NAME), signed_in(NAME)
    browser.post(f"{PAGE}/browser", subscription(), page=PAGE)
    assert other.post(f"{PAGE}/browser/end", page=PAGE).status_code == 204
    assert len(session.scalars(select(PushSubscription)).all()) == 1
    assert other.post(f"{PAGE}/browser/try", page=PAGE).status_code == 409
    assert browser.post(f"{PAGE}/browser/try", page=PAGE).status_code == 303
    assert browser.post(f"{PAGE}/browser/end", page=PAGE).status_code == 204
    assert session.scalars(select(PushSubscription)).all() == []


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:6379/", "https://10.0.0.1/push", "https://push.example.cn/one", "x" * 1001, ""]
)
def test_an_address_that_is_on_no_list_is_refused(session: Session, signed_in: SignIn, endpoint: str) -> None:
    answer = signed_in(NAME).post(f"{PAGE}/browser", subscription(endpoint), page=PAGE)
    assert answer.status_code == 422
    assert session.scalars(select(PushSubscription)).all() == []


def test_a_forged_request_changes_nothing(session: Session, signed_in: SignIn) -> None:
    browser = signed_in(NAME)
    assert browser.post(f"{PAGE}/browser", {**subscription(), "csrf_token": "stale"}, page=PAGE).status_code >= 400
    assert browser.post(PAGE, {**fields(), "csrf_token": "stale"}, page=PAGE).status_code >= 400
    assert session.scalars(select(PushSubscription)).all() == []
    assert session.scalars(select(AwayChoice)).all() == []


def test_the_key_on_the_page_is_the_public_half(signed_in: SignIn) -> None:
    text = signed_in(NAME).get(PAGE).text
    key = text.split('data-push-key="')[1].split('"')[0]
    assert len(key) == 87  # 65 bytes in base64url


def test_the_service_worker_is_served_at_the_root_and_never_kept(browser: Browser) -> None:
    answer = browser.get("/push-worker.js")
    assert answer.status_code == 200
    assert answer.mimetype in {"text/javascript", "application/javascript"}
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "showNotification" in answer.text
    answer.close()


def test_nobody_chooses_without_signing_in(browser: Browser) -> None:
    assert "/sign-in" in browser.get(PAGE).headers["Location"]
