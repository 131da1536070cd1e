"""What jobs and ticks work with, and how fast the worker beats."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from chat.presence import Presence
from portal.worker.backoff import MAILS, MESSAGES, REACTIONS, BackOff
from registry_core.mail import MailTransport
from registry_core.sms import SmsProvider
from registry_core.webpush.sending import NoPush, PushTransport


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing that the clock does again and again, each time in a transaction of its own.

    What returns True has left something to do, and its turn comes again after the other ticks.
    """

    act: Callable[[Session, Presence], object]
    every: timedelta

    @property
    def name(self) -> str:
        """The name for the log."""
        return getattr(self.act, "__name__", "tick")


@dataclass(frozen=True, slots=True)
class House:
    """The ways to the database, to the people who are there and to the world outside.

    `language` makes the context in which texts are translated; without one they stay Chinese.
    """

    engine: Engine
    sessions: sessionmaker[Session]
    presence: Presence
    mail: MailTransport
    sms: SmsProvider
    language: Callable[[], AbstractContextManager[object]]
    push: PushTransport = field(default_factory=NoPush)

    async def close(self) -> None:
        """Hang up everywhere."""
        await self.mail.close()
        await self.sms.close()
        await self.push.close()
        self.engine.dispose()


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the worker beats; only tests hurry it.

    A worker that has not beaten for `stalled_seconds` counts as dead, and others do its jobs again.
    """

    jobs_at_once: int = 8
    poll_seconds: float = 1.0
    beat_seconds: float = 5.0
    stalled_seconds: float = 20.0
    sweep_seconds: float = 5.0
    step_seconds: float = 0.25
    candidate_seconds: float = 2.0
    silence_seconds: int = 10
    longest_pause_seconds: float = 5.0
    stop_seconds: float = 3.0
    reactions: BackOff = REACTIONS
    mails: BackOff = MAILS
    messages: BackOff = MESSAGES
