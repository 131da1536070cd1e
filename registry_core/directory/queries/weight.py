"""What depends on units: people, bodies, units below, and what the floors above hang there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at
from registry_core.directory.dependents import Dependent, list_dependents
from registry_core.directory.models import UnitChange
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import Body, OrgUnit


@dataclass(frozen=True, slots=True)
class Weight:
    """How much depends on a unit."""

    below: int = 0
    managed: int = 0
    people: int = 0
    bodies: int = 0
    others: tuple[Dependent, ...] = ()

    @property
    def holds_units(self) -> bool:
        """Whether other units hang on it, so that it cannot simply close."""
        return bool(self.below or self.managed)


def weigh(session: Session, units: Sequence[OrgUnit]) -> dict[UUID, Weight]:
    """Count for each of the units what depends on it."""
    ids = [unit.id for unit in units]
    is_open = orgs.open_clause(orgs.today())
    below = _counts(session, select(OrgUnit.parent_id, func.count()).where(OrgUnit.parent_id.in_(ids), is_open))
    managed = _counts(
        session, select(OrgUnit.managed_by_id, func.count()).where(OrgUnit.managed_by_id.in_(ids), is_open)
    )
    people = _counts(
        session,
        select(RoleAssignment.unit_id, func.count(RoleAssignment.account_id.distinct())).where(
            RoleAssignment.unit_id.in_(ids), held_at(clock.now())
        ),
    )
    bodies = _counts(session, select(Body.unit_id, func.count()).where(Body.unit_id.in_(ids), Body.closed_on.is_(None)))
    others = list_dependents(session, ids)
    return {
        unit_id: Weight(
            below.get(unit_id, 0),
            managed.get(unit_id, 0),
            people.get(unit_id, 0),
            bodies.get(unit_id, 0),
            others.get(unit_id, ()),
        )
        for unit_id in ids
    }


def list_changes(session: Session, unit: OrgUnit) -> Sequence[tuple[UnitChange, str | None]]:
    """List what became of a unit, the latest first, with the name of the other unit concerned."""
    rows = session.execute(
        select(UnitChange, OrgUnit.name)
        .outerjoin(OrgUnit, OrgUnit.id == UnitChange.other_unit_id)
        .where(UnitChange.unit_id == unit.id)
        .order_by(UnitChange.done_at.desc(), UnitChange.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def _counts(session: Session, query: Select[Any, Any]) -> dict[UUID, int]:
    grouped = query.group_by(query.selected_columns[0])
    return {row[0]: row[1] for row in session.execute(grouped)}
