"""A role lent to a colleague for a purpose and a time, instead of a lent password.

Source: operation rules (file 003 annex 2), art. 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.access.actors import Actor
from registry_core.access.errors import DutiesConflict, LoanNotOpen
from registry_core.access.models import Delegation, RoleAssignment
from registry_core.access.queries import load_actor
from registry_core.access.roles import find_conflict
from registry_core.accounts.models import BrowserSession
from registry_core.audit.services import note
from registry_core.audit.values import Subject
from registry_core.errors import Forbidden, NotFound
from registry_core.people import policies
from registry_core.people.errors import LoanTooLong, NotAColleague, NotWhileActing
from registry_core.people.events import LoanAsked, LoanDecided
from registry_core.people.queries import loans as queries
from registry_core.people.queries.loans import LoanRow


@dataclass(frozen=True, slots=True)
class Loan:
    """To whom a role is lent, what for, from when to when."""

    borrower_id: UUID
    purpose: str
    valid_from: datetime
    valid_until: datetime


def ask_to_lend(session: Session, actor: Actor, assignment_id: UUID, *, loan: Loan) -> Delegation:
    """Ask for the consent to lend an own role to a colleague of the same unit.

    Raises NotWhileActing, NotFound, NotAColleague, LoanTooLong, DutiesConflict.
    """
    _require_oneself(actor)
    held = session.get(RoleAssignment, assignment_id)
    now = clock.now()
    if held is None or held.account_id != actor.account_id or not _is_held(held, now):
        raise NotFound
    if loan.borrower_id not in {one for one, _name in queries.list_colleagues(session, held.unit_id, actor.account_id)}:
        raise NotAColleague
    begins = max(loan.valid_from, now)
    if loan.valid_from < now - timedelta(days=1) or not begins < loan.valid_until <= begins + policies.LONGEST_LOAN:
        raise LoanTooLong
    borrower = load_actor(session, loan.borrower_id, at=now)
    conflict = find_conflict([one.role for one in borrower.assignments], held.role)
    if conflict is not None:
        raise DutiesConflict(conflict.rule)
    asked = Delegation(
        assignment_id=held.id,
        lender_id=actor.account_id,
        borrower_id=loan.borrower_id,
        purpose=loan.purpose,
        valid_from=begins,
        valid_until=loan.valid_until,
        asked_at=now,
    )
    session.add(asked)
    session.flush()
    note(session, actor, "people.loan.asked", about=Subject("delegation", asked.id, held.unit_id))
    outbox.record(session, LoanAsked(asked.id))
    return asked


def consent_to_loan(session: Session, actor: Actor, delegation_id: UUID) -> Delegation:
    """Consent to the lending beforehand, as somebody who is neither lender nor borrower.

    Raises NotWhileActing, NotFound, Forbidden, LoanNotOpen.
    """
    row = _open_loan(session, actor, delegation_id)
    row.loan.consented_by_id = actor.account_id
    row.loan.consented_at = clock.now()
    return _decided(session, actor, row, "people.loan.consented")


def refuse_loan(session: Session, actor: Actor, delegation_id: UUID, *, reason: str) -> Delegation:
    """Refuse the lending with a reason.

    Raises NotWhileActing, NotFound, Forbidden, LoanNotOpen.
    """
    row = _open_loan(session, actor, delegation_id)
    row.loan.refused_at = clock.now()
    row.loan.refuse_reason = reason
    return _decided(session, actor, row, "people.loan.refused")


def end_loan(session: Session, actor: Actor, delegation_id: UUID) -> Delegation:
    """End a lending at once, or take back what was asked; either side may. Who acts in it acts as oneself again.

    Raises NotFound, LoanNotOpen.
    """
    row = queries.get_loan(session, delegation_id, for_update=True)
    if actor.account_id not in {row.loan.lender_id, row.loan.borrower_id}:
        raise NotFound
    if row.loan.ended_at is not None or row.loan.refused_at is not None:
        raise LoanNotOpen
    row.loan.ended_at = clock.now()
    session.execute(
        update(BrowserSession).where(BrowserSession.acting_under_id == row.loan.id).values(acting_under_id=None)
    )
    session.flush()
    note(session, actor, "people.loan.ended", about=_subject(row))
    return row.loan


def act_for(session: Session, actor: Actor, delegation_id: UUID, *, browser_session_id: UUID) -> None:
    """Let the actor's browser act in a lent role from its next request on.

    Raises NotWhileActing, LoanNotOpen.
    """
    _require_oneself(actor)
    loan = queries.find_loan_in_force(session, actor, delegation_id)
    if loan is None:
        raise LoanNotOpen
    _switch(session, actor, browser_session_id, delegation_id)
    note(session, actor, "people.loan.taken_up", about=Subject("delegation", delegation_id, loan.assignment.unit_id))


def stop_acting(session: Session, actor: Actor, *, browser_session_id: UUID) -> None:
    """Let the actor's browser act as its own person again."""
    was = session.get_one(BrowserSession, browser_session_id).acting_under_id
    _switch(session, actor, browser_session_id, None)
    if was is not None:
        note(session, actor, "people.loan.put_down", about=Subject("delegation", was))


def _switch(session: Session, actor: Actor, browser_session_id: UUID, delegation_id: UUID | None) -> None:
    session.execute(
        update(BrowserSession)
        .where(BrowserSession.id == browser_session_id, BrowserSession.account_id == actor.account_id)
        .values(acting_under_id=delegation_id)
    )


def _require_oneself(actor: Actor) -> None:
    if actor.on_behalf_of is not None:
        raise NotWhileActing


def _is_held(held: RoleAssignment, at: datetime) -> bool:
    return held.valid_from <= at and (held.valid_until is None or held.valid_until > at)


def _open_loan(session: Session, actor: Actor, delegation_id: UUID) -> LoanRow:
    _require_oneself(actor)
    row = queries.get_loan(session, delegation_id, for_update=True)
    if actor.account_id in {row.loan.lender_id, row.loan.borrower_id}:
        raise Forbidden
    if actor.account_id not in queries.list_consenters(session, row):
        raise NotFound
    is_open = row.loan.consented_at is None and row.loan.refused_at is None and row.loan.ended_at is None
    if not is_open or row.loan.valid_until <= clock.now():
        raise LoanNotOpen
    return row


def _decided(session: Session, actor: Actor, row: LoanRow, act: str) -> Delegation:
    session.flush()
    note(session, actor, act, about=_subject(row))
    outbox.record(session, LoanDecided(row.loan.id))
    return row.loan


def _subject(row: LoanRow) -> Subject:
    return Subject("delegation", row.loan.id, row.unit.id, row.unit.name)
