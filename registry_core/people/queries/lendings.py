"""Reads of everything that was lent, for who watches over it: roles with and without consent, and lent passwords.

Source: operation rules (file 003 annex 2), art. 7: lending is put on record with the system administrator.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import SQLCoreOperations

from registry_core import clock
from registry_core.access.actors import Actor, Scope
from registry_core.access.models import Delegation, Role, RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.orgs.models import OrgUnit
from registry_core.people.models import LentPassword
from registry_core.people.policies import WATCH_LENDINGS
from registry_core.people.queries.loans import LoanRow

MOST_SHOWN = 500

_Lender = aliased(Account)
_Borrower = aliased(Account)
_Consenter = aliased(Account)


class Lent(StrEnum):
    """What is looked for: lent roles by how far they have come, and lent passwords, all or those not changed."""

    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"
    REFUSED = "refused"
    PASSWORDS = "passwords"
    KEPT = "kept"


OF_PASSWORDS = frozenset({Lent.PASSWORDS, Lent.KEPT})


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: one sort or every one, and part of a name, a unit or a purpose."""

    sort: Lent | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class LentRole:
    """A lent role with all names."""

    row: LoanRow
    consenter: str


@dataclass(frozen=True, slots=True)
class LentPasswordRow:
    """A lent password, whose it is, and the unit within reach at which they work."""

    lent: LentPassword
    owner: Account
    unit_name: str


def list_lent_roles(session: Session, actor: Actor, sought: Sought, *, limit: int = MOST_SHOWN) -> list[LentRole]:
    """List the lent roles of the units that the actor watches over, the latest first."""
    if sought.sort in OF_PASSWORDS:
        return []
    query = _lent_roles().where(_watched(actor), *_states(sought.sort))
    if sought.text:
        named = (_Lender.name, _Borrower.name, OrgUnit.name, Delegation.purpose)
        query = query.where(_contains(sought.text, *named))
    rows = session.execute(query.order_by(Delegation.asked_at.desc()).limit(limit))
    return [LentRole(LoanRow(*row[:5]), row[5] or "") for row in rows]


def list_lent_passwords(
    session: Session, actor: Actor, sought: Sought, *, limit: int = MOST_SHOWN
) -> list[LentPasswordRow]:
    """List the lent passwords of who works at the units that the actor watches over, the latest first."""
    if sought.sort is not None and sought.sort not in OF_PASSWORDS:
        return []
    unit_name = func.max(OrgUnit.name)
    query = (
        select(LentPassword, Account, unit_name)
        .join(Account, Account.id == LentPassword.account_id)
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(_watched(actor), held_at(clock.now()))
        .group_by(LentPassword.id, Account.id)
    )
    if sought.sort is Lent.KEPT:
        query = query.where(
            LentPassword.valid_until <= clock.now(), Account.password_changed_at < LentPassword.valid_until
        )
    if sought.text:
        query = query.where(
            _contains(sought.text, Account.name, LentPassword.lent_to, OrgUnit.name, LentPassword.purpose)
        )
    rows = session.execute(query.order_by(LentPassword.registered_at.desc()).limit(limit))
    return [LentPasswordRow(*row) for row in rows]


def _watched(actor: Actor) -> ColumnElement[bool]:
    """Limit units to those watched over: a system administrator's own, and a super administrator's with all below."""
    held = actor.carrying(WATCH_LENDINGS)
    own = [one.unit_id for one in held if one.role is Role.SYSTEM_ADMINISTRATOR]
    tops = tuple(sorted({one.unit_path for one in held if one.role is Role.SUPER_ADMINISTRATOR}))
    return or_(OrgUnit.id.in_(own), Scope(tops).clause(OrgUnit.path))


def _states(sort: Lent | None) -> tuple[ColumnElement[bool], ...]:
    lasts, over = Delegation.valid_until > clock.now(), Delegation.valid_until <= clock.now()
    undecided = and_(Delegation.consented_at.is_(None), Delegation.refused_at.is_(None))
    if sort is Lent.WAITING:
        return (undecided, Delegation.ended_at.is_(None), lasts)
    if sort is Lent.RUNNING:
        return (Delegation.consented_at.is_not(None), Delegation.ended_at.is_(None), lasts)
    if sort is Lent.REFUSED:
        return (Delegation.refused_at.is_not(None),)
    if sort is Lent.ENDED:
        return (Delegation.refused_at.is_(None), or_(Delegation.ended_at.is_not(None), over))
    return ()


def _contains(text: str, *columns: SQLCoreOperations[str]) -> ColumnElement[bool]:
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def _lent_roles() -> Select[Delegation, Role, OrgUnit, str, str, str | None]:
    return (
        select(Delegation, RoleAssignment.role, OrgUnit, _Lender.name, _Borrower.name, _Consenter.name)
        .join(RoleAssignment, RoleAssignment.id == Delegation.assignment_id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .join(_Lender, _Lender.id == Delegation.lender_id)
        .join(_Borrower, _Borrower.id == Delegation.borrower_id)
        .join(_Consenter, _Consenter.id == Delegation.consented_by_id, isouter=True)
    )
