"""The kinds of job, named in `registry_core.outbox`: a reaction to an event, a mail, a short message, a push."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from time import monotonic
from traceback import format_tb
from typing import Any
from uuid import UUID

import msgspec
import structlog
from procrastinate import App, BaseConnector, JobContext
from procrastinate.worker import Worker

from portal.worker.house import House, Pace
from portal.worker.threads import Threads
from registry_core import events, outbox
from registry_core.away.queries import find_subscription
from registry_core.away.services import forget_subscription
from registry_core.db import transaction
from registry_core.deliveries import DeliveryFailed, Outcome, Undeliverable, note_outcome
from registry_core.mail import Mail
from registry_core.sms import Sms
from registry_core.webpush.sending import Parcel, SubscriptionGone

log = structlog.stdlib.get_logger(__name__)

Noted = AbstractAsyncContextManager[None]
"""What surrounds a delivery whose outcome is kept."""


class UnknownReaction(Exception):
    """A job names a reaction that this version of the house lacks; a newer worker may know it."""


def make_jobs(house: House, connector: BaseConnector, *, threads: Threads, pace: Pace) -> App:
    """Lay out the jobs that the worker can do."""
    jobs = App(connector=connector)

    @jobs.task(name=outbox.REACT, retry=pace.reactions)
    async def _react(*, event: str, payload: dict[str, Any], reaction: str) -> None:
        await threads.run(partial(react, house, event, payload, reaction))

    @jobs.task(name=outbox.SEND_MAIL, retry=pace.mails)
    async def _send_mail(*, mail: dict[str, Any]) -> None:
        one = msgspec.convert(mail, Mail)
        with_note: Noted = noting(house, threads, one.key) if one.is_noted else nullcontext()
        await send_mail(house, one, with_note)

    @jobs.task(name=outbox.SEND_SMS, retry=pace.messages)
    async def _send_sms(*, sms: dict[str, Any]) -> None:
        one = msgspec.convert(sms, Sms)
        with_note: Noted = noting(house, threads, one.key) if one.is_noted else nullcontext()
        await send_sms(house, one, with_note)

    @jobs.task(name=outbox.SEND_PUSH, retry=pace.messages)
    async def _send_push(*, subscription_id: str, payload: str, topic: str) -> None:
        await send_push(house, threads, UUID(subscription_id), payload.encode("utf-8"), topic)

    return jobs


def react(house: House, event_name: str, payload: dict[str, Any], reaction_name: str) -> None:
    """Run one reaction to one event in a transaction of its own.

    Raises UnknownReaction, and whatever the reaction raises: the job is then tried again later.
    """
    event = events.from_payload(event_name, payload)
    for reaction in events.reactions_to(event_name):
        if events.reaction_name(reaction) == reaction_name:
            with house.language(), transaction(house.sessions) as session:
                reaction(session, event)
            return
    raise UnknownReaction(reaction_name)


@asynccontextmanager
async def noting(house: House, threads: Threads, key: UUID) -> AsyncIterator[None]:
    """Keep what comes of a delivery: taken, refused for good, or put off."""

    def keep(outcome: Outcome) -> None:
        with transaction(house.sessions) as session:
            note_outcome(session, outcome)

    try:
        yield
    except DeliveryFailed as failure:
        is_final = isinstance(failure, Undeliverable)
        await threads.run(partial(keep, Outcome(key, failure.reason, is_final=is_final)))
        raise
    await threads.run(partial(keep, Outcome(key)))


async def send_mail(house: House, mail: Mail, noted: Noted) -> None:
    """Send a mail; one that is refused for good leaves a line without its address and is not tried again."""
    try:
        async with noted:
            await house.mail.send(mail)
    except Undeliverable as refusal:
        log.warning("mail refused", account_id=str(mail.account_id), reason=refusal.reason)


async def send_sms(house: House, sms: Sms, noted: Noted) -> None:
    """Send a short message; one that is refused for good leaves a line without its number and is not tried again."""
    try:
        async with noted:
            await house.sms.send(sms.mobile, sms.text, key=sms.key)
    except Undeliverable as refusal:
        log.warning("short message refused", account_id=str(sms.account_id), reason=refusal.reason)


async def send_push(house: House, threads: Threads, subscription_id: UUID, payload: bytes, topic: str) -> None:
    """Send a notice to a browser that is still signed in; one that is gone is forgotten."""

    def find() -> Parcel | None:
        with transaction(house.sessions) as session:
            found = find_subscription(session, subscription_id)
            return Parcel(found.endpoint, found.p256dh, found.auth, payload, topic) if found else None

    def forget() -> None:
        with transaction(house.sessions) as session:
            forget_subscription(session, subscription_id)

    parcel = await threads.run(find)
    if parcel is None:
        return
    try:
        await house.push.send(parcel)
    except SubscriptionGone as gone:
        log.info("browser takes no more notices", subscription_id=str(subscription_id), reason=gone.reason)
        await threads.run(forget)
    except Undeliverable as refusal:
        log.warning("push refused", subscription_id=str(subscription_id), reason=refusal.reason)


class Roll:
    """Which jobs run in this process now; also writes the log line of each job, without its arguments.

    Procrastinate's own lines repeat the arguments (addresses, texts), so they are switched off.
    """

    def __init__(self) -> None:
        self.running: set[int] = set()

    async def __call__(self, call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: Worker) -> Any:
        """Run a job (a worker middleware of Procrastinate)."""
        del worker
        job = context.job
        number = job.id or 0
        self.running.add(number)
        lines = log.bind(job=number, task=job.task_name, attempt=job.attempts + 1, **_about(job.task_kwargs))
        started = monotonic()
        try:
            result = await call_next()
        except Exception as failure:
            is_last = context.task.get_retry_exception(exception=failure, job=job) is None
            complain = lines.error if is_last else lines.warning
            complain("job given up" if is_last else "job failed, tried again later", **_traces(failure))
            raise
        else:
            lines.info("job done", seconds=round(monotonic() - started, 3))
            return result
        finally:
            self.running.discard(number)


def _traces(failure: Exception) -> dict[str, str]:
    """Tell an error without its message, which may quote an address or what somebody wrote."""
    if isinstance(failure, DeliveryFailed):
        return {"reason": failure.reason}
    return {"error": type(failure).__name__, "trace": "".join(format_tb(failure.__traceback__))}


def _about(arguments: dict[str, Any]) -> dict[str, str]:
    """Pick what may stand in a log: the names of event and reaction."""
    return {key: str(arguments[key]) for key in ("event", "reaction") if key in arguments}
