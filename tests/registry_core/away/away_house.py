"""What the tests of being away do, short: somebody gets something, the clock ticks, and what went out is read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from chat import services as chat
from chat.presence import Presence
from chat.services import directs
from registry_core import clock, outbox
from registry_core.accounts.models import BrowserSession
from registry_core.away import jobs, services
from registry_core.away.models import Lookout, PushSubscription
from registry_core.db import new_id
from registry_core.notifications.services import notify
from tests.conftest import Cast
from tests.registry_core.webpush.push_service import BrowserEnd

ENDPOINT = "https://fcm.googleapis.com/fcm/send/"


@dataclass
class Away:
    """A session with the cast, whose clock stands still."""

    session: Session
    cast: Cast
    presence: Presence

    def browser(self, name: str, *, lasts: timedelta = timedelta(days=30)) -> UUID:
        """Somebody's signed-in browser."""
        now = clock.now()
        row = BrowserSession(
            id=new_id(),
            account_id=self.cast.id(name),
            token_hash=new_id().hex,
            created_at=now,
            seen_at=now,
            expires_at=now + lasts,
            browser="",
        )
        self.session.add(row)
        self.session.flush()
        return row.id

    def subscribe(self, name: str, browser_session_id: UUID | None = None) -> PushSubscription:
        """Let somebody's browser take notices."""
        end, session_id = BrowserEnd(), browser_session_id or self.browser(name)
        actor = self.cast.actor(name)
        endpoint = ENDPOINT + session_id.hex
        return services.subscribe(self.session, actor, session_id, endpoint=endpoint, p256dh=end.p256dh, auth=end.auth)

    def notice(self, name: str, kind: str = "waiting") -> None:
        """Something comes into somebody's bell."""
        details = {"title": "学籍号重复", "desk": "雁塔区学籍服务台", "asked_on": "2026-06-03"}
        notify(self.session, self.cast.id(name), kind=kind, details=details, url="/console", source=new_id().hex)

    def open(self, one: str, other: str) -> UUID:
        """The conversation of two people."""
        return directs.open_direct(self.session, self.cast.actor(one), self.cast.id(other))

    def say(self, name: str, conversation_id: UUID, body: str = "学籍号是 61011320190001") -> int:
        """Somebody says something; the number of the message."""
        actor = self.cast.actor(name)
        message, _is_new = chat.post_message(self.session, actor, conversation_id, client_id=new_id().hex, body=body)
        return message.number

    def read(self, name: str, conversation_id: UUID, number: int) -> None:
        """Somebody reads up to a message."""
        chat.mark(self.session, self.cast.actor(name), conversation_id, delivered=number, read=number)

    def tick(self) -> None:
        """The clock of the worker goes once around."""
        jobs.look_for_news(self.session, self.presence)
        while jobs.look_out(self.session, self.presence):
            pass

    def sent(self, task: str) -> list[dict[str, Any]]:
        """What waits for the worker of one kind, oldest first."""
        query = text("SELECT args FROM procrastinate_jobs WHERE task_name = :task ORDER BY id")
        return list(self.session.scalars(query, {"task": task}).all())

    def pushes(self) -> list[dict[str, Any]]:
        """The notices to browsers, as the service worker reads them."""
        return [json.loads(job["payload"]) for job in self.sent(outbox.SEND_PUSH)]

    def mails(self) -> list[dict[str, Any]]:
        """The mails."""
        return [job["mail"] for job in self.sent(outbox.SEND_MAIL)]

    def short_messages(self) -> list[dict[str, Any]]:
        """The short messages."""
        return [job["sms"] for job in self.sent(outbox.SEND_SMS)]

    def watched(self) -> set[UUID]:
        """Who stands on the look-out."""
        return set(self.session.scalars(select(Lookout.account_id)).all())
