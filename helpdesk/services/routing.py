"""The search for somebody who answers: nearest desk first, one technician at a time.

Every decision starts anew at the desk that has the question, so that nobody nearer who has come back is passed over.
The question's row is locked by the caller; then the technician's duty row; always in this order. Who holds a duty row
already never waits for another one, or two technicians whose questions ring for each other would wait for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chat.presence import Presence
from helpdesk.events import NobodyThere
from helpdesk.models import (
    Duty,
    Offer,
    OfferState,
    ProblemRecord,
    StepKind,
    Ticket,
    TicketState,
    TicketStep,
)
from helpdesk.queries.chains import ChainDesk, chain_above
from helpdesk.queries.technicians import Technician, had_their_turn, is_accepting, list_available
from helpdesk.queries.tickets import find_last_step_kind, find_record, find_ringing_offer
from helpdesk.queries.waiting import SAYS_THAT_IT_WAITS
from helpdesk.services.steps import add_step, move_screens
from registry_core import clock, live, outbox
from registry_core.db import new_id


@dataclass(frozen=True, slots=True)
class Choice:
    """The desk and technician that a question rings for next."""

    desk: ChainDesk
    technician: Technician


def search_range(session: Session, ticket: Ticket) -> tuple[ChainDesk, ...]:
    """List the desks that the search may reach: the one in custody, and those above where the question may climb."""
    way = chain_above(session, ticket.custody_desk_id)
    return way if ticket.may_climb else way[:1]


@dataclass(frozen=True, slots=True)
class Passed:
    """A desk that the search went past, and why: closed, nobody (there), no_answer (rung in vain)."""

    desk: ChainDesk
    why: str


def choose(available: Iterable[Technician], ticket: Ticket, turned: frozenset[UUID]) -> Technician | None:
    """Choose among who is free at a desk: the preferred one, else fewest open questions, else longest idle."""
    return min(
        (one for one in available if one.account_id not in turned and one.account_id != ticket.requester_id),
        key=lambda one: (one.account_id != ticket.prefer_id, one.open_count, one.idle_since, one.account_id),
        default=None,
    )


def decide(session: Session, presence: Presence, ticket: Ticket, *, at: datetime) -> tuple[Choice | None, list[Passed]]:
    """Decide for whom a question rings next, and which nearer desks have nobody and why.

    One desk after the other: mostly the nearest has somebody, and those above have many more members to look at.
    """
    turned = had_their_turn(session, ticket)
    passed: list[Passed] = []
    for desk in search_range(session, ticket):
        if not desk.is_open(at):
            passed.append(Passed(desk, "closed"))
            continue
        available = list_available(session, presence, [desk.id], at=at)
        technician = choose(available, ticket, turned)
        if technician is not None:
            return Choice(desk, technician), passed
        tried = any(one.account_id in turned for one in available)
        passed.append(Passed(desk, "no_answer" if tried else "nobody"))
    return None, passed


def route(session: Session, presence: Presence, ticket: Ticket, *, patient: bool = True) -> Offer | None:
    """Ring for the next technician, or let the question wait where nobody is left.

    The ticket's row must be locked. A question that already rings, or is answered, is left as it is. Callers that hold
    duty rows are not `patient`: where another transaction looks at the chosen one, the question waits for the clock.
    """
    if ticket.state not in (TicketState.RINGING, TicketState.WAITING):
        return None
    if find_ringing_offer(session, ticket.id) is not None:
        return None
    at = clock.now()
    while True:
        choice, passed = decide(session, presence, ticket, at=at)
        if choice is None:
            _note_passed(session, ticket, passed, at)
            _let_wait(session, ticket, at)
            return None
        if not _lock_duty(session, choice.technician.account_id, wait=patient):
            _put_off(session, ticket)
            return None
        if _still_free(session, choice, at):
            _note_passed(session, ticket, passed, at)
            return _ring(session, ticket, choice, at)


def begin_search(ticket: Ticket, *, at: datetime, may_climb: bool, prefer_id: UUID | None = None) -> None:
    """Start a search anew from the desk in custody; everybody may be rung again."""
    ticket.state = TicketState.RINGING
    ticket.handler_id = None
    ticket.may_climb = may_climb
    ticket.search_from = at
    ticket.prefer_id = prefer_id


def _lock_duty(session: Session, account_id: UUID, *, wait: bool) -> bool:
    """Lock a technician's duty row; say whether it could be had."""
    query = select(Duty.account_id).where(Duty.account_id == account_id).with_for_update(skip_locked=not wait)
    return session.scalar(query) is not None


def _still_free(session: Session, choice: Choice, at: datetime) -> bool:
    """Look again, the row being locked: another question may have begun to ring, or the person stopped accepting.

    A statement of its own, because one that had waited for the lock would see other tables as they were before.
    """
    return is_accepting(session, choice.desk.id, choice.technician.account_id, at=at)


def _ring(session: Session, ticket: Ticket, choice: Choice, at: datetime) -> Offer:
    offer = Offer(
        id=new_id(),
        ticket_id=ticket.id,
        desk_id=choice.desk.id,
        account_id=choice.technician.account_id,
        state=OfferState.RINGING,
        created_at=at,
        ends_at=at + timedelta(seconds=choice.desk.ring_seconds),
    )
    session.add(offer)
    ticket.state = TicketState.RINGING
    add_step(session, ticket, StepKind.RANG, at, desk_id=choice.desk.id, account_id=str(offer.account_id))
    session.flush()
    live.push(session, f"account:{offer.account_id}", "offers:changed")
    move_screens(session, ticket, choice.desk.id)
    return offer


def _put_off(session: Session, ticket: Ticket) -> None:
    """Let a question wait for the clock's next tick. Somebody is there, so nothing is written down or told."""
    ticket.state = TicketState.WAITING
    session.flush()
    move_screens(session, ticket)


def _let_wait(session: Session, ticket: Ticket, at: datetime) -> None:
    """Nobody is left: the question waits in the custody of its desk; the first time, the template opens."""
    newly = find_last_step_kind(session, ticket) not in SAYS_THAT_IT_WAITS
    ticket.state = TicketState.WAITING
    record = find_record(session, ticket.id)
    if record is None and not ticket.may_climb:
        session.add(ProblemRecord(ticket_id=ticket.id, opened_at=at))
        add_step(session, ticket, StepKind.RECORD_OPENED, at)
    elif newly:
        add_step(session, ticket, StepKind.WAITS, at)
    session.flush()
    if newly:
        outbox.record(session, NobodyThere(ticket.id, ticket.custody_desk_id))
        move_screens(session, ticket)


def _note_passed(session: Session, ticket: Ticket, passed: list[Passed], at: datetime) -> None:
    """Write down each desk that the search went past, once a search."""
    if not passed:
        return
    known = set(
        session.scalars(
            select(TicketStep.desk_id).where(
                TicketStep.ticket_id == ticket.id,
                TicketStep.kind == StepKind.LEVEL_PASSED,
                TicketStep.at >= ticket.search_from,
            )
        )
    )
    for one in passed:
        if one.desk.id not in known:
            add_step(session, ticket, StepKind.LEVEL_PASSED, at, desk_id=one.desk.id, why=one.why)
    session.flush()
