"""Which unit somebody acts for: their own, or one found by its name."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, visible_units
from registry_core.orgs.models import Level, OrgUnit, UnitKind
from registry_core.orgs.queries import (
    WHOLE_TREE,
    Scope,
    find_ministry,
    find_unit,
    list_ancestors,
    list_children,
    list_path_names,
    search_units,
)


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit with where it stands in the tree."""

    id: UUID
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit of the tree, the units above it from the top down, and the offices and schools directly below it."""

    unit: OrgUnit
    above: tuple[OrgUnit, ...]
    offices: tuple[OrgUnit, ...]
    schools: tuple[OrgUnit, ...]

    @property
    def has_staff(self) -> bool:
        """Whether people work at the unit itself; a mere heading of the statistics has none."""
        return self.unit.kind in {UnitKind.AUTHORITY, UnitKind.ZONE}


def find_branch(session: Session, unit_id: UUID | None) -> Branch | None:
    """Find a part of the whole tree to walk down in: without a unit its top. There is none below a school."""
    unit = find_unit(session, WHOLE_TREE, unit_id) if unit_id else find_ministry(session)
    if unit is None or unit.level is Level.SCHOOL:
        return None
    below = list_children(session, WHOLE_TREE, unit.id)
    return Branch(
        unit,
        tuple(one for one in list_ancestors(session, unit) if one.id != unit.id),
        tuple(one for one in below if one.level is not Level.SCHOOL),
        tuple(one for one in below if one.level is Level.SCHOOL),
    )


def find_reached(session: Session, actor: Actor, permission: str, unit_id: UUID | None) -> OrgUnit | None:
    """Find a unit within the actor's reach; None where nothing was chosen, or nothing that the actor reaches."""
    return find_unit(session, visible_units(actor, permission), unit_id) if unit_id else None


def list_own(session: Session, actor: Actor, permission: str) -> list[UnitLine]:
    """List the units at which the actor holds the permission."""
    own = session.scalars(select(OrgUnit).where(OrgUnit.id.in_(actor.units(permission))).order_by(OrgUnit.path))
    return _lines(session, list(own))


def search(session: Session, scope: Scope, words: str) -> list[UnitLine]:
    """Search units by parts of their names, each with its place, since many schools are called the same."""
    return _lines(session, list(search_units(session, scope, words)))


def _lines(session: Session, units: list[OrgUnit]) -> list[UnitLine]:
    places = list_path_names(session, units)
    return [UnitLine(unit.id, unit.name, places[unit.id]) for unit in units]
