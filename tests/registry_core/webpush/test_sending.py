"""Parcels reach a real push service over HTTP, signed by the house, and its answers mean what the papers say."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from registry_core import clock
from registry_core.deliveries import DeliveryDelayed, DeliveryFailed, Undeliverable
from registry_core.webpush import vapid
from registry_core.webpush.destinations import Destinations
from registry_core.webpush.sending import HttpPush, Parcel, SubscriptionGone
from registry_core.webpush.vapid import VapidKey, install_vapid, keep_key
from tests.registry_core.webpush.push_service import BrowserEnd, Service, push_service, read_claims

KEY = VapidKey.make()
PAYLOAD = '{"title":"您有新消息"}'.encode()


@pytest.fixture
def service() -> Iterator[Service]:
    before = list(vapid._loaders)
    install_vapid(lambda: KEY)
    with push_service() as running:
        yield running
    vapid._loaders[:] = before
    vapid._loaded.clear()


def send(service: Service, parcel: Parcel, allowed: str | None = None) -> None:
    async def act() -> None:
        push = HttpPush(Destinations([allowed or service.address]), contact="mailto:desk@example.cn")
        try:
            await push.send(parcel)
        finally:
            await push.close()

    asyncio.run(act())


def make_parcel(service: Service, browser: BrowserEnd, **more: str) -> Parcel:
    return Parcel(service.endpoint("one"), browser.p256dh, browser.auth, PAYLOAD, **more)


def test_the_browser_reads_the_notice_and_the_service_knows_who_sent_it(service: Service) -> None:
    browser = BrowserEnd()
    send(service, make_parcel(service, browser, topic="talk-1"))
    [(headers, body)] = service.parcels
    assert browser.open(body) == PAYLOAD
    assert PAYLOAD not in body
    assert headers["content-encoding"] == "aes128gcm"
    assert headers["topic"] == "talk-1"
    assert int(headers["ttl"]) > 0
    claims = read_claims(headers["authorization"], KEY.public_text)
    assert claims["aud"] == service.address
    assert claims["sub"] == "mailto:desk@example.cn"
    assert 0 < claims["exp"] - clock.now().timestamp() <= 24 * 3600


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (404, SubscriptionGone),
        (410, SubscriptionGone),
        (400, Undeliverable),
        (413, Undeliverable),
        (302, Undeliverable),
        (401, DeliveryDelayed),
        (429, DeliveryDelayed),
        (500, DeliveryDelayed),
        (503, DeliveryDelayed),
    ],
)
def test_an_answer_says_whether_to_forget_to_drop_or_to_try_again(
    service: Service, answer: int, kind: type[DeliveryFailed]
) -> None:
    service.answer = answer
    with pytest.raises(DeliveryFailed) as refused:
        send(service, make_parcel(service, BrowserEnd()))
    assert type(refused.value) is kind
    # A redirect is not followed: it would lead past the list.
    assert len(service.parcels) == 1


def test_a_service_that_is_not_listed_is_never_called(service: Service) -> None:
    with pytest.raises(Undeliverable):
        send(service, make_parcel(service, BrowserEnd()), allowed="push.example.cn")
    assert service.parcels == []


def test_a_service_that_is_away_is_asked_again_later(service: Service) -> None:
    parcel = Parcel("http://127.0.0.1:9/push", *(BrowserEnd().p256dh, BrowserEnd().auth), PAYLOAD)
    with pytest.raises(DeliveryDelayed):
        send(service, parcel, allowed="http://127.0.0.1:9")


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "var" / "vapid.key"
    with ThreadPoolExecutor(8) as pool:
        keys = {key.text for key in pool.map(lambda _turn: keep_key(file), range(16))}
    assert len(keys) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["vapid.key"]


def test_a_key_from_the_settings_is_the_same_key() -> None:
    assert VapidKey.read(KEY.text).public_text == KEY.public_text
    with pytest.raises(ValueError, match="32 bytes"):
        VapidKey.read("tooshort")


def test_the_key_does_not_show_itself() -> None:
    assert KEY.text not in repr(KEY)
