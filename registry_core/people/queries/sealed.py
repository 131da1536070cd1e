"""Accounts that were sealed because nobody used them, for the level above, which may reopen them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.accounts.policies import GIVE_LETTER
from registry_core.orgs.models import OrgUnit

PAGE = 50


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A sealed account and the unit at which its holder works."""

    account_id: UUID
    name: str
    user_name: str
    unit_name: str
    sealed_at: datetime | None
    last_signed_in_at: datetime | None


def list_sealed(session: Session, actor: Actor, text: str, *, page: int = 1) -> tuple[list[SealedRow], bool]:
    """List a page of sealed accounts at units below the actor's, the latest first; say whether more follow."""
    scope = visible_units(actor, GIVE_LETTER)
    query = (
        select(
            Account.id,
            Account.name,
            Account.user_name,
            func.min(OrgUnit.name),
            Account.sealed_at,
            Account.last_signed_in_at,
        )
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(Account.sealed_at.is_not(None), Account.closed_at.is_(None), held_at(clock.now()))
        .where(scope.clause(OrgUnit.path), OrgUnit.path.not_in(scope.paths))
        .group_by(Account.id)
    )
    if text:
        columns = (Account.name, Account.user_name, OrgUnit.name)
        query = query.where(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    rows = session.execute(
        query.order_by(Account.sealed_at.desc(), Account.id).limit(PAGE + 1).offset((page - 1) * PAGE)
    ).all()
    return [SealedRow(*row) for row in rows[:PAGE]], len(rows) > PAGE
