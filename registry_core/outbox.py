"""Jobs enqueued in the transaction that causes them (Procrastinate on PostgreSQL, docs/decisions/0003).

A job is a row written on the session's own connection: rolled back with it, visible to the worker once it is committed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from sqlalchemy.orm import Session

from registry_core import events
from registry_core.events import Event

# Never opened: every job goes through the connection of the session that causes it.
_deferring = App(connector=SyncPsycopgConnector())

REACT = "outbox.react"
SEND_MAIL = "outbox.send_mail"
SEND_SMS = "outbox.send_sms"
SEND_PUSH = "outbox.send_push"
BEHIND_OTHERS = -10


@dataclass(frozen=True, slots=True)
class Due:
    """An event whose reactions wait until an instant."""

    event: Event
    at: datetime


def enqueue(session: Session, task: str, *, at: datetime | None = None, **arguments: Any) -> None:
    """Enqueue a job for the worker in this session's transaction, to run at once or at an instant."""
    connection = session.connection().connection.driver_connection
    _deferring.configure_task(name=task, connection=connection, schedule_at=at).defer(**arguments)


def record(session: Session, event: Event, *, at: datetime | None = None) -> None:
    """Record an event: one job for each reaction, so that a failing one is retried without repeating the others.

    With `at`, the reactions wait until then: word by e-mail is only for who has not seen the answer by that time.
    """
    payload = events.to_payload(event)
    for reaction in events.reactions_to(event.name):
        enqueue(session, REACT, at=at, event=event.name, payload=payload, reaction=events.reaction_name(reaction))


def record_due(session: Session, due: Iterable[Due]) -> None:
    """Record events that wait, as `record` does one with `at`: those of one kind and instant in one statement."""
    together: dict[tuple[str, datetime], list[Event]] = defaultdict(list)
    for one in due:
        together[one.event.name, one.at].append(one.event)
    for (_name, at), happened in together.items():
        _record_alike(session, happened, at=at)


def record_all(session: Session, happened: Sequence[Event], *, at: datetime | None = None) -> None:
    """Record many events of one kind, as `record` does one: with one statement for each reaction.

    Their reactions stand behind everything else that is to be done: nobody waits for a code because of thousands.
    """
    if happened:
        _record_alike(session, happened, at=at, priority=BEHIND_OTHERS)


def _record_alike(
    session: Session, happened: Sequence[Event], *, at: datetime | None, priority: int | None = None
) -> None:
    name = happened[0].name
    connection = session.connection().connection.driver_connection
    for reaction in events.reactions_to(name):
        by = events.reaction_name(reaction)
        jobs: list[dict[str, Any]] = [
            {"event": name, "payload": events.to_payload(event), "reaction": by} for event in happened
        ]
        task = _deferring.configure_task(name=REACT, connection=connection, schedule_at=at, priority=priority)
        task.batch_defer(*jobs)
