"""Which unit somebody acts for: their own, or one found by its name."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, visible_units
from registry_core.orgs.models import OrgUnit
from registry_core.orgs.queries import Scope, find_unit, list_path_names, search_units


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit with where it stands in the tree."""

    id: UUID
    name: str
    place: str


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
