"""Reads about lent roles: who lends what to whom, who may consent, and what is in force now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from registry_core import clock
from registry_core.access.actors import Actor, Assignment, Scope
from registry_core.access.models import Delegation, Role, RoleAssignment
from registry_core.access.queries import ASSIGNMENT, NOBODY, Standing, held_at
from registry_core.access.roles import find_conflict
from registry_core.accounts.models import Account, BrowserSession
from registry_core.errors import NotFound
from registry_core.orgs.models import OrgUnit
from registry_core.people.queries.reports import list_nearest

_Lender = aliased(Account)
_Borrower = aliased(Account)


@dataclass(frozen=True, slots=True)
class LoanRow:
    """A lent role with the names of both sides and its unit."""

    loan: Delegation
    role: Role
    unit: OrgUnit
    lender: str
    borrower: str


@dataclass(frozen=True, slots=True)
class LoanInForce:
    """A role that somebody may act in now, and whose it is."""

    assignment: Assignment
    lender_id: UUID
    lender_name: str


@dataclass(frozen=True, slots=True)
class StandingIn:
    """The lent role that a browser acts in, and when it ends by its own date."""

    loan: LoanInForce
    ends_at: datetime


def stand_in(actor: Actor, loan: LoanInForce) -> Actor:
    """Let somebody act in a lent role alone: own credentials and certificates, none of the own roles."""
    return replace(actor, assignments=(loan.assignment,), on_behalf_of=loan.lender_id)


def find_loan_in_force(session: Session, actor: Actor, delegation_id: UUID) -> LoanInForce | None:
    """Find a lent role that the actor may act in now.

    It ends by its date, by either side, and as soon as the lender loses the role or the account; and a borrower whose
    own roles the lent one conflicts with does not act in it.
    """
    row = session.execute(
        select(*ASSIGNMENT, Delegation.lender_id, _Lender.name)
        .select_from(Delegation)
        .join(RoleAssignment, RoleAssignment.id == Delegation.assignment_id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .join(_Lender, _Lender.id == Delegation.lender_id)
        .where(
            Delegation.id == delegation_id,
            Delegation.borrower_id == actor.account_id,
            is_in_force(),
            held_at(clock.now()),
            _Lender.closed_at.is_(None),
        )
    ).one_or_none()
    if row is None or find_conflict([held.role for held in actor.assignments], row[0]) is not None:
        return None
    return LoanInForce(Assignment(*row[:5]), row[5], row[6])


def list_standing_in(
    session: Session, browser_session_ids: Iterable[UUID], standings: Mapping[UUID, Standing]
) -> dict[UUID, StandingIn]:
    """List for each of the browser sessions that act in a lent role now which one, and when it ends by its own date.

    The same as `find_loan_in_force` for each of them, in one query; `standings` are the own rights of the borrowers.
    """
    rows = session.execute(
        select(
            BrowserSession.id,
            BrowserSession.account_id,
            func.least(Delegation.valid_until, RoleAssignment.valid_until),
            *ASSIGNMENT,
            Delegation.lender_id,
            _Lender.name,
        )
        .select_from(BrowserSession)
        .join(Delegation, Delegation.id == BrowserSession.acting_under_id)
        .join(RoleAssignment, RoleAssignment.id == Delegation.assignment_id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .join(_Lender, _Lender.id == Delegation.lender_id)
        .where(
            BrowserSession.id.in_(list(browser_session_ids)),
            Delegation.borrower_id == BrowserSession.account_id,
            is_in_force(),
            held_at(clock.now()),
            _Lender.closed_at.is_(None),
        )
    )
    found: dict[UUID, StandingIn] = {}
    for browser_session_id, account_id, ends_at, *lent, lender_id, lender_name in rows:
        assignment = Assignment(*lent)
        own = [held.role for held in standings.get(account_id, NOBODY).assignments]
        if find_conflict(own, assignment.role) is None:
            found[browser_session_id] = StandingIn(LoanInForce(assignment, lender_id, lender_name), ends_at)
    return found


def is_in_force() -> ColumnElement[bool]:
    """Limit lent roles to those that were consented to, whose time is now, and that neither side has ended."""
    now = clock.now()
    return and_(
        Delegation.consented_at.is_not(None),
        Delegation.ended_at.is_(None),
        Delegation.valid_from <= now,
        Delegation.valid_until > now,
    )


def get_loan(session: Session, delegation_id: UUID, *, for_update: bool = False) -> LoanRow:
    """Load a lent role.

    Raises NotFound.
    """
    query = _loans().where(Delegation.id == delegation_id)
    if for_update:
        query = query.with_for_update(of=Delegation).execution_options(populate_existing=True)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return LoanRow(*row)


def list_own_loans(session: Session, account_id: UUID) -> list[LoanRow]:
    """List what somebody has lent or borrowed, the latest first."""
    mine = or_(Delegation.lender_id == account_id, Delegation.borrower_id == account_id)
    rows = session.execute(_loans().where(mine).order_by(Delegation.asked_at.desc()).limit(100))
    return [LoanRow(*row) for row in rows]


def list_to_consent(session: Session, actor: Actor) -> list[LoanRow]:
    """List the lendings that wait for the actor's consent."""
    own = [held.unit_id for held in actor.assignments if held.role is Role.SYSTEM_ADMINISTRATOR]
    tops = [held.unit_path for held in actor.assignments if held.role is Role.SUPER_ADMINISTRATOR]
    rows = session.execute(
        _loans()
        .where(
            Delegation.consented_at.is_(None),
            Delegation.refused_at.is_(None),
            Delegation.ended_at.is_(None),
            Delegation.valid_until > clock.now(),
            or_(OrgUnit.id.in_(own), Scope(tuple(tops)).clause(OrgUnit.path)),
        )
        .order_by(Delegation.asked_at)
    )
    waiting = [LoanRow(*row) for row in rows]
    return [row for row in waiting if actor.account_id in list_consenters(session, row)]


def list_consenters(session: Session, row: LoanRow) -> list[UUID]:
    """List who may consent: a system administrator of the unit, else a super administrator above; never a side of it.

    Source: operation rules (file 003 annex 2), art. 7.
    """
    return list_keepers(session, row.unit, besides=frozenset({row.loan.lender_id, row.loan.borrower_id}))


def list_keepers(session: Session, unit: OrgUnit, *, besides: frozenset[UUID]) -> list[UUID]:
    """List who watches over passwords at a unit: its system administrators, else the super administrators above."""
    own = list_nearest(session, unit, frozenset({Role.SYSTEM_ADMINISTRATOR}), at=(unit.path,))
    free = [account_id for account_id in own if account_id not in besides]
    above = list_nearest(session, unit, frozenset({Role.SUPER_ADMINISTRATOR}))
    return free or [account_id for account_id in above if account_id not in besides]


def list_colleagues(session: Session, unit_id: UUID, account_id: UUID) -> list[tuple[UUID, str]]:
    """List who else holds a role at a unit, by name."""
    rows = session.execute(
        select(Account.id, Account.name)
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .where(
            RoleAssignment.unit_id == unit_id,
            RoleAssignment.role != Role.STUDENT,
            held_at(clock.now()),
            Account.id != account_id,
            Account.closed_at.is_(None),
        )
        .group_by(Account.id)
        .order_by(Account.name, Account.id)
    )
    return [(row.id, row.name) for row in rows]


def _loans() -> Select[Delegation, Role, OrgUnit, str, str]:
    return (
        select(Delegation, RoleAssignment.role, OrgUnit, _Lender.name, _Borrower.name)
        .join(RoleAssignment, RoleAssignment.id == Delegation.assignment_id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .join(_Lender, _Lender.id == Delegation.lender_id)
        .join(_Borrower, _Borrower.id == Delegation.borrower_id)
    )
