"""A job hands a notice to the push service of a browser that is signed in; one that is gone is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from chat.presence import Presence
from portal.worker.house import House
from portal.worker.tasks import send_push
from portal.worker.threads import Threads
from registry_core import clock
from registry_core.accounts.models import BrowserSession
from registry_core.away.models import PushSubscription
from registry_core.db import make_sessions, new_id
from registry_core.deliveries import DeliveryDelayed
from registry_core.sms import ConsoleSms
from registry_core.store import Redis
from registry_core.webpush import vapid
from registry_core.webpush.destinations import Destinations
from registry_core.webpush.sending import HttpPush
from registry_core.webpush.vapid import VapidKey, install_vapid
from tests.conftest import Cast
from tests.portal.worker.toys import Postbox
from tests.registry_core.webpush.push_service import BrowserEnd, Service, push_service

PAYLOAD = '{"title": "您有新消息"}'.encode()


class Scene:
    """One browser of one person, subscribed at a push service of the test."""

    def __init__(self, engine: Engine, store: Redis, cast: Cast, service: Service) -> None:
        self.engine, self.store, self.service, self.end = engine, store, service, BrowserEnd()
        now = clock.now()
        browser = BrowserSession(
            id=new_id(),
            account_id=cast.id("xuexiao_xueji"),
            token_hash=new_id().hex,
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(days=1),
            browser="",
        )
        self.subscription_id = new_id()
        with Session(engine) as session:
            session.add(browser)
            session.flush()
            session.add(
                PushSubscription(
                    id=self.subscription_id,
                    account_id=browser.account_id,
                    browser_session_id=browser.id,
                    endpoint=service.endpoint("one"),
                    p256dh=self.end.p256dh,
                    auth=self.end.auth,
                    created_at=now,
                )
            )
            session.commit()

    def send(self) -> None:
        """Do the job once."""

        async def act() -> None:
            house = House(
                engine=self.engine,
                sessions=make_sessions(self.engine),
                presence=Presence(self.store),
                mail=Postbox(),
                sms=ConsoleSms(),
                language=nullcontext,
                push=HttpPush(Destinations([self.service.address]), contact="mailto:desk@example.cn"),
            )
            await send_push(house, Threads(1), self.subscription_id, PAYLOAD, "topic")
            await house.push.close()

        asyncio.run(act())

    def kept(self) -> list[UUID]:
        """The subscriptions that are left."""
        with Session(self.engine) as session:
            return list(session.scalars(select(PushSubscription.id)).all())


@pytest.fixture
def scene(engine: Engine, store: Redis, committed: Cast) -> Iterator[Scene]:
    before, key = list(vapid._loaders), VapidKey.make()
    install_vapid(lambda: key)
    with push_service() as service:
        yield Scene(engine, store, committed, service)
    vapid._loaders[:] = before
    vapid._loaded.clear()


def test_the_browser_gets_it(scene: Scene) -> None:
    scene.send()
    assert scene.service.opened(scene.end) == [{"title": "您有新消息"}]
    assert scene.kept() == [scene.subscription_id]


@pytest.mark.parametrize("answer", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(scene: Scene, answer: int) -> None:
    scene.service.answer = answer
    scene.send()
    assert scene.kept() == []
    scene.send()
    assert len(scene.service.parcels) == 1


def test_a_service_that_is_busy_is_asked_again_and_one_that_refuses_is_not(scene: Scene) -> None:
    scene.service.answer = 503
    with pytest.raises(DeliveryDelayed):
        scene.send()
    scene.service.answer = 413
    scene.send()
    assert scene.kept() == [scene.subscription_id]


def test_who_has_signed_out_meanwhile_gets_nothing(scene: Scene) -> None:
    with Session(scene.engine) as session:
        session.execute(update(BrowserSession).values(ended_at=clock.now() + timedelta(seconds=1)))
        session.commit()
    scene.send()
    assert scene.service.parcels == []
