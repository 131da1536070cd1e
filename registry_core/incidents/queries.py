"""Reads of incidents, limited to the units that the actor reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from registry_core import clock
from registry_core.access.actors import Actor, roles_with, visible_units
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.incidents.errors import IncidentNotFound
from registry_core.incidents.models import Incident, IncidentState
from registry_core.incidents.policies import HANDLE_INCIDENTS, SEE_INCIDENTS
from registry_core.orgs.models import OrgUnit, lineage

MOST_SHOWN = 200
_Opener = aliased(Account)
_Handler = aliased(Account)
_Closer = aliased(Account)


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident with the names of its unit and of who has had to do with it."""

    incident: Incident
    unit_name: str
    opened_by: str
    handled_by: str | None
    closed_by: str | None


def _rows(actor: Actor, permission: str) -> Select[Incident, str, str, str, str]:
    return (
        select(Incident, OrgUnit.name, _Opener.name, _Handler.name, _Closer.name)
        .join(OrgUnit, OrgUnit.id == Incident.unit_id)
        .join(_Opener, _Opener.id == Incident.opened_by_id)
        .outerjoin(_Handler, _Handler.id == Incident.handled_by_id)
        .outerjoin(_Closer, _Closer.id == Incident.closed_by_id)
        .where(visible_units(actor, permission).clause(OrgUnit.path))
    )


def list_incidents(session: Session, actor: Actor, state: IncidentState | None = None) -> list[IncidentRow]:
    """List the incidents of the actor's units and those below, the latest first."""
    query = _rows(actor, SEE_INCIDENTS)
    if state is not None:
        query = query.where(Incident.state == state)
    rows = session.execute(query.order_by(Incident.opened_at.desc(), Incident.id.desc()).limit(MOST_SHOWN))
    return [IncidentRow(*row) for row in rows]


def get_incident(session: Session, actor: Actor, incident_id: UUID, *, permission: str = SEE_INCIDENTS) -> IncidentRow:
    """Get an incident of a unit that the actor reaches for a permission.

    Raises IncidentNotFound.
    """
    row = session.execute(_rows(actor, permission).where(Incident.id == incident_id)).one_or_none()
    if row is None:
        raise IncidentNotFound
    return IncidentRow(*row)


def lock_incident(session: Session, actor: Actor, incident_id: UUID) -> Incident:
    """Get an incident that the actor may handle, and hold its row.

    Raises IncidentNotFound.
    """
    incident = get_incident(session, actor, incident_id, permission=HANDLE_INCIDENTS).incident
    session.refresh(incident, with_for_update=True)
    return incident


def last_number(session: Session, year: int) -> int:
    """Say how many incidents a year has; the caller holds the lock that numbers them."""
    return session.scalar(select(func.max(Incident.number)).where(Incident.year == year)) or 0


def list_nearest_holders(
    session: Session, unit_id: UUID, permission: str, *, besides: frozenset[UUID] = frozenset()
) -> Sequence[UUID]:
    """List who carries a permission at a unit, or at the nearest one above where somebody else than these does."""
    path = session.scalar(select(OrgUnit.path).where(OrgUnit.id == unit_id)) or ""
    rows = session.execute(
        select(OrgUnit.path, RoleAssignment.account_id)
        .join(RoleAssignment, RoleAssignment.unit_id == OrgUnit.id)
        .join(Account, Account.id == RoleAssignment.account_id)
        .where(
            OrgUnit.path.in_(lineage(path)),
            RoleAssignment.role.in_(roles_with(permission)),
            RoleAssignment.account_id.not_in(besides),
            Account.closed_at.is_(None),
            held_at(clock.now()),
        )
        .distinct()
    ).all()
    nearest = max((len(row.path) for row in rows), default=0)
    return sorted(row.account_id for row in rows if len(row.path) == nearest)
