"""A small house for worker tests: one event, a table that notes what ran, reactions that fail, hang or succeed."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from procrastinate.schema import SchemaManager
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from chat.presence import Presence
from portal.worker.backoff import BackOff
from portal.worker.house import House, Pace, Tick
from registry_core import events
from registry_core.db import make_engine, make_sessions
from registry_core.deliveries import DeliveryFailed
from registry_core.events import Event
from registry_core.mail import Mail
from registry_core.sms import ConsoleSms
from registry_core.store import make_store

QUICK = BackOff(first=timedelta(milliseconds=200), longest=timedelta(seconds=1), attempts=30)
PACE = Pace(
    poll_seconds=0.2,
    beat_seconds=0.3,
    stalled_seconds=1.5,
    sweep_seconds=0.3,
    candidate_seconds=0.3,
    silence_seconds=3,
    step_seconds=0.05,
    longest_pause_seconds=1.0,
    stop_seconds=1.0,
    reactions=QUICK,
    mails=QUICK,
    messages=QUICK,
)
TABLES = """
    CREATE TABLE toy_note (what text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
    CREATE TABLE toy_switch (what text PRIMARY KEY)
"""


@dataclass(frozen=True, slots=True)
class ToyHappened(Event):
    """Something in a test."""

    what: str


# Only while a test of the worker runs is it an event of the house: other tests count the real ones.
TOY_NAME = "ToyHappened"
Event.registry.pop(TOY_NAME)


def note(session: Session, what: str) -> None:
    """Write down that something ran."""
    session.execute(text("INSERT INTO toy_note (what) VALUES (:what)"), {"what": what})


def is_switched(session: Session, what: str) -> bool:
    """Say whether the test has switched something on."""
    return session.execute(text("SELECT 1 FROM toy_switch WHERE what = :what"), {"what": what}).first() is not None


def count_notes(engine: Engine, what: str) -> int:
    """Count how often something ran and was committed."""
    with engine.connect() as connection:
        query = text("SELECT count(*) FROM toy_note WHERE what = :what")
        found: int = connection.scalars(query, {"what": what}).one()
        return found


def succeed(session: Session, event: ToyHappened) -> None:
    """React at once."""
    note(session, f"succeed {event.what}")


def fail_until_mended(session: Session, event: ToyHappened) -> None:
    """Fail after having written something, until the test mends it; the error quotes what was said."""
    note(session, f"mended {event.what}")
    if not is_switched(session, "mended"):
        raise RuntimeError(event.what)


def hang_until_released(session: Session, event: ToyHappened) -> None:
    """Say outside of the transaction that it began, then hang until the test releases it."""
    with cast("Engine", session.get_bind()).begin() as other:
        other.execute(text("INSERT INTO toy_note (what) VALUES (:what)"), {"what": f"began {event.what}"})
    while not is_switched(session, "released"):
        time.sleep(0.05)
    note(session, f"released {event.what}")


REACTIONS = {
    "succeed": succeed,
    "fail_until_mended": fail_until_mended,
    "hang_until_released": hang_until_released,
}


def tick(session: Session, presence: Presence) -> None:
    """Note that the clock ticked, and in which process."""
    del presence
    note(session, "tick")
    note(session, f"tick of {os.getpid()}")


def tick_badly(session: Session, presence: Presence) -> None:
    """Fail each time."""
    del presence
    note(session, "never kept")
    message = "a tick that fails"
    raise RuntimeError(message)


def tick_locked(session: Session, presence: Presence) -> None:
    """Want a row that the test keeps locked."""
    del presence
    session.execute(text("SELECT * FROM toy_switch FOR UPDATE"))


class Postbox:
    """A mail transport that keeps what it is given, or refuses it as told."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refusals: list[DeliveryFailed] = []

    async def send(self, mail: Mail) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.mails.append(mail)

    async def close(self) -> None:
        return


def install_toys(*names: str) -> None:
    """Make the toy event an event of the house, with the reactions named."""
    Event.registry[TOY_NAME] = ToyHappened
    events.install_reactions([(ToyHappened, tuple(REACTIONS[name] for name in names))])


def toy_house(database_url: str, mail: Postbox | None = None) -> House:
    """Build a house on a database; Redis is not needed."""
    engine = make_engine(database_url, pool_size=4)
    return House(
        engine=engine,
        sessions=make_sessions(engine),
        presence=Presence(make_store("redis://127.0.0.1:1/0")),
        mail=mail or Postbox(),
        sms=ConsoleSms(),
        language=nullcontext,
    )


def toy_ticks(every: Mapping[str, float]) -> tuple[Tick, ...]:
    """Lay out ticks by name and seconds."""
    acts = {"tick": tick, "tick_badly": tick_badly, "tick_locked": tick_locked}
    return tuple(Tick(acts[name], timedelta(seconds=seconds)) for name, seconds in every.items())


def lay_tables(engine: Engine) -> None:
    """Lay Procrastinate's tables and the toys' own."""
    with engine.begin() as connection:
        # Its text has percent signs that are none of ours: past SQLAlchemy, without parameters.
        connection.connection.cursor().execute(SchemaManager.get_schema())
        connection.execute(text(TABLES))
