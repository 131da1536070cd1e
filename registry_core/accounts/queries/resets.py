"""Reads about resets, and about the people for whom somebody may make a letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at, load_actor
from registry_core.accounts.errors import PersonNotFound
from registry_core.accounts.models import (
    Account,
    PasswordReset,
    ResetChannel,
)
from registry_core.accounts.policies import GIVE_LETTER
from registry_core.accounts.queries.signed_in import get_account
from registry_core.orgs.models import OrgUnit, is_within, lineage

MOST_FOUND = 20


def count_resets(session: Session, account_id: UUID, *, since: datetime) -> int:
    """Count the codes that were sent for an account since an instant."""
    return session.scalars(
        select(func.count()).where(
            PasswordReset.account_id == account_id,
            PasswordReset.channel != ResetChannel.LETTER,
            PasswordReset.created_at > since,
        )
    ).one()


def list_open_resets(session: Session, account_id: UUID, *, at: datetime) -> list[PasswordReset]:
    """List the codes with which an account can get a new password now."""
    return list(
        session.scalars(
            select(PasswordReset).where(
                PasswordReset.account_id == account_id,
                PasswordReset.ended_at.is_(None),
                PasswordReset.expires_at > at,
            )
        )
    )


@dataclass(frozen=True, slots=True)
class PersonBelow:
    """Somebody at a unit below the actor's."""

    account_id: UUID
    name: str
    user_name: str
    unit_name: str
    is_sealed: bool


def search_people_below(session: Session, actor: Actor, words: str, *, at: datetime) -> list[PersonBelow]:
    """Search people at the units below the actor's by part of their name or by their user name."""
    scope = visible_units(actor, GIVE_LETTER)
    rows = session.execute(
        select(Account.id, Account.name, Account.user_name, func.min(OrgUnit.name), Account.sealed_at)
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(
            held_at(at),
            scope.clause(OrgUnit.path),
            OrgUnit.path.not_in(scope.paths),
            Account.closed_at.is_(None),
            or_(Account.name.contains(words, autoescape=True), func.lower(Account.user_name) == words.lower()),
        )
        .group_by(Account.id)
        .order_by(Account.name, Account.id)
        .limit(MOST_FOUND)
    )
    return [PersonBelow(*row[:4], is_sealed=row[4] is not None) for row in rows]


def get_account_below(session: Session, actor: Actor, account_id: UUID, *, at: datetime) -> Account:
    """Load an account all of whose roles lie below units of the actor: who also works elsewhere is not the actor's.

    Raises PersonNotFound.
    """
    tops = visible_units(actor, GIVE_LETTER).paths
    held = load_actor(session, account_id, at=at).assignments
    if not held or not all(any(is_below(one.unit_path, top) for top in tops) for one in held):
        raise PersonNotFound
    return get_account(session, account_id, for_update=True)


def is_below(path: str, top: str) -> bool:
    """Say whether a unit lies below another one and is not that one."""
    return path != top and is_within(path, top)


def find_unit_above(session: Session, account_id: UUID, *, at: datetime) -> str | None:
    """Name the unit above the one that an account works at."""
    home = load_actor(session, account_id, at=at).home
    if home is None:
        return None
    way = lineage(home.unit_path)
    return session.scalar(select(OrgUnit.name).where(OrgUnit.path == way[-2])) if len(way) > 1 else None
