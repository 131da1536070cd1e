"""Reads about rights."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, Assignment
from registry_core.access.models import RoleAssignment
from registry_core.orgs.models import OrgUnit


def held_at(at: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Limit role assignments to those in force at an instant (or at one that a prepared statement is given later)."""
    return and_(
        RoleAssignment.valid_from <= at,
        or_(RoleAssignment.valid_until.is_(None), RoleAssignment.valid_until > at),
    )


def load_actor(session: Session, account_id: UUID, *, at: datetime) -> Actor:
    """Load an account with the roles it holds at an instant; one without roles reaches nothing."""
    rows = session.execute(
        select(RoleAssignment.role, OrgUnit.id, OrgUnit.path, OrgUnit.level)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(RoleAssignment.account_id == account_id, held_at(at))
        .order_by(OrgUnit.path, RoleAssignment.role)
    )
    return Actor(account_id, tuple(Assignment(*row) for row in rows))


def list_assignments(
    session: Session, account_ids: Collection[UUID], *, at: datetime
) -> dict[UUID, frozenset[Assignment]]:
    """List what each of the accounts is at an instant; one without roles is left out."""
    held: dict[UUID, frozenset[Assignment]] = {}
    rows = session.execute(
        select(RoleAssignment.account_id, RoleAssignment.role, OrgUnit.id, OrgUnit.path, OrgUnit.level)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(RoleAssignment.account_id.in_(account_ids), held_at(at))
    )
    for account_id, role, unit_id, path, level in rows:
        held[account_id] = held.get(account_id, frozenset()) | {Assignment(role, unit_id, path, level)}
    return held
