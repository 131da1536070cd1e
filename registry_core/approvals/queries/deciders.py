"""Who could decide: the people in a role at a unit, and the ladder of units above it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.approvals.models import Application
from registry_core.approvals.paths import Ladder
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import Body, OrgUnit


def list_deciders(
    session: Session, unit_id: UUID, role: str, *, body: str | None = None, without: Collection[UUID] = ()
) -> Sequence[UUID]:
    """List the accounts that hold a role at a unit now (through a body of a kind, if one is named), but for some."""
    return session.scalars(_in_role(unit_id, role, body).where(Account.id.not_in(without)).distinct()).all()


def has_decider(
    session: Session, unit_id: UUID, role: str, *, body: str | None = None, without: Collection[UUID] = ()
) -> bool:
    """Say whether anybody but these could decide in a role at a unit."""
    found = _in_role(unit_id, role, body).where(Account.id.not_in(without))
    return bool(session.scalar(select(found.exists())))


def acts_for_body(account_ids: Collection[UUID], unit_id: object, role: object, body: object) -> ColumnElement[bool]:
    """Say in SQL whether one of the accounts holds a role at a unit through a body of a kind."""
    return (
        select(RoleAssignment.id)
        .join(Body, Body.id == RoleAssignment.body_id)
        .where(
            RoleAssignment.account_id.in_(account_ids),
            RoleAssignment.unit_id == unit_id,
            RoleAssignment.role == role,
            Body.kind == body,
            held_at(clock.now()),
        )
        .exists()
    )


def load_ladder(session: Session, unit: OrgUnit) -> Ladder:
    """Load the open units above a unit, itself, and the centre school that manages it."""
    above = orgs.list_ancestors(session, unit)
    units = [other for other in above if other.id == unit.id or other.is_open(orgs.today())]
    centre = session.get(OrgUnit, unit.managed_by_id) if unit.managed_by_id else None
    return Ladder(units, centre)


def load_ladders(session: Session, application: Application) -> Mapping[str | None, Ladder]:
    """Load the ladders of an application's unit (under None) and of its sides."""
    units: dict[str | None, UUID] = {None: application.unit_id}
    units |= {side: UUID(unit_id) for side, unit_id in application.sides.items()}
    return {side: load_ladder(session, session.get_one(OrgUnit, unit_id)) for side, unit_id in units.items()}


def _in_role(unit_id: UUID, role: str, body: str | None) -> Select[UUID]:
    query = (
        select(Account.id)
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .where(
            RoleAssignment.unit_id == unit_id,
            RoleAssignment.role == Role(role),
            Account.closed_at.is_(None),
            held_at(clock.now()),
        )
    )
    return query if body is None else query.join(Body, Body.id == RoleAssignment.body_id).where(Body.kind == body)
