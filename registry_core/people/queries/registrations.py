"""Reads about open registrations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.errors import NotFound
from registry_core.orgs.models import OrgUnit
from registry_core.people.models import Registration, RegistrationState
from registry_core.people.policies import decides_at
from registry_core.people.queries.reports import MOST_WAITING, list_nearest

MOST_SHOWN = 200
ADMINISTRATORS = frozenset({Role.SUPER_ADMINISTRATOR, Role.REGISTRY_ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """A registration with its unit."""

    registration: Registration
    unit: OrgUnit


def list_registrations(session: Session, actor: Actor, *, state: RegistrationState) -> list[RegistrationRow]:
    """List the confirmed registrations of one state on which the actor decides, the longest waiting first."""
    rows = session.execute(
        select(Registration, OrgUnit)
        .join(OrgUnit, OrgUnit.id == Registration.unit_id)
        .where(Registration.state == state, Registration.confirmed_at.is_not(None), _reach(actor))
        .order_by(Registration.decided_at.desc().nulls_first(), Registration.confirmed_at)
        .limit(MOST_SHOWN)
    )
    return [RegistrationRow(registration, unit) for registration, unit in rows]


def list_waiting_for(session: Session, actor: Actor) -> list[RegistrationRow]:
    """List the registrations that wait for the actor: at the own units, and below where nobody nearer decides."""
    own, below = decides_at(actor)
    unattended = and_(below.clause(OrgUnit.path), ~_has_administrators())
    rows = session.execute(
        select(Registration, OrgUnit)
        .join(OrgUnit, OrgUnit.id == Registration.unit_id)
        .where(Registration.state == RegistrationState.OPEN, or_(OrgUnit.id.in_(own), unattended))
        .order_by(Registration.confirmed_at)
        .limit(MOST_WAITING)
    )
    found = [RegistrationRow(registration, unit) for registration, unit in rows]
    return [row for row in found if row.unit.id in own or actor.account_id in list_deciders(session, row.unit)]


def get_registration(
    session: Session, actor: Actor, registration_id: UUID, *, for_update: bool = False
) -> RegistrationRow:
    """Load a confirmed registration on which the actor decides.

    Raises NotFound.
    """
    query = (
        select(Registration, OrgUnit)
        .join(OrgUnit, OrgUnit.id == Registration.unit_id)
        .where(Registration.id == registration_id, Registration.confirmed_at.is_not(None), _reach(actor))
    )
    if for_update:
        query = query.with_for_update(of=Registration).execution_options(populate_existing=True)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return RegistrationRow(*row)


def count_codes(session: Session, address: str, *, since: datetime) -> int:
    """Count the codes that were drawn for an address since an instant."""
    return session.scalars(
        select(func.count()).where(
            func.lower(Registration.address) == address.lower(),
            Registration.code_hash.is_not(None),
            Registration.created_at > since,
        )
    ).one()


def list_deciders(session: Session, unit: OrgUnit) -> list[UUID]:
    """List who decides at a unit: its administrators, and where there are none the super administrators above."""
    own = list_nearest(session, unit, ADMINISTRATORS, at=(unit.path,))
    return own or list_nearest(session, unit, frozenset({Role.SUPER_ADMINISTRATOR}))


def _reach(actor: Actor) -> ColumnElement[bool]:
    own, below = decides_at(actor)
    return or_(OrgUnit.id.in_(own), below.clause(OrgUnit.path))


def _has_administrators() -> ColumnElement[bool]:
    return (
        select(RoleAssignment.id)
        .join(Account, Account.id == RoleAssignment.account_id)
        .where(
            RoleAssignment.unit_id == OrgUnit.id,
            RoleAssignment.role.in_(ADMINISTRATORS),
            Account.closed_at.is_(None),
            held_at(clock.now()),
        )
        .exists()
    )
