"""Permission names, and which records a unit has."""

from __future__ import annotations

from registry_core.orgs.models import Level, OrgUnit
from registry_core.records.models import TEACHERS, Entity

VIEW_RECORDS = "records:record:view"
EDIT_RECORDS = "records:record:edit"
EXPORT_RECORDS = "records:record:export"

UNIT_ENTITIES = frozenset(Entity) - TEACHERS
OF_SCHOOLS = (Entity.SCHOOL, Entity.KINDERGARTEN, Entity.SCHOOL_TEACHER, Entity.KG_TEACHER)


def entities_of(unit: OrgUnit) -> tuple[Entity, ...]:
    """Name the records that a unit can have: the tree does not tell a kindergarten from a school, so either fits."""
    return OF_SCHOOLS if unit.level is Level.SCHOOL else (Entity.SUPERVISING_UNIT,)


def entities_within(unit: OrgUnit) -> tuple[Entity, ...]:
    """Name the records that a unit and those below it can have."""
    return OF_SCHOOLS if unit.level is Level.SCHOOL else (Entity.SUPERVISING_UNIT, *OF_SCHOOLS)
