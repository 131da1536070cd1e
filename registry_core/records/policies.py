"""Permission names, which records a unit has, and who is a party to a change."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from registry_core.access.actors import Actor
from registry_core.orgs.models import Level, OrgUnit
from registry_core.records.models import TEACHERS, Entity

VIEW_RECORDS = "records:record:view"
EDIT_RECORDS = "records:record:edit"
EXPORT_RECORDS = "records:record:export"
CHECK_RECORDS = "records:change:check"

MOST_AT_ONCE = 200
"""So many entered changes stand on the page of what waits for a check, and are checked at once."""
LONGEST_REASON = 1000

UNIT_ENTITIES = frozenset(Entity) - TEACHERS
OF_SCHOOLS = (Entity.SCHOOL, Entity.KINDERGARTEN, Entity.SCHOOL_TEACHER, Entity.KG_TEACHER)

OF_ENTITY: Mapping[Entity, Entity] = {
    Entity.SUPERVISING_UNIT: Entity.SUPERVISING_UNIT,
    Entity.SCHOOL: Entity.SCHOOL,
    Entity.SCHOOL_TEACHER: Entity.SCHOOL,
    Entity.KINDERGARTEN: Entity.KINDERGARTEN,
    Entity.KG_TEACHER: Entity.KINDERGARTEN,
}
"""Whose records they are: a school's or a kindergarten's."""
_KINDERGARTEN_CLASS = "11"
_KINDERGARTEN_NAME = "幼儿园"


def guess_kind(code: str | None, name: str) -> Entity:
    """Say whether a school is a kindergarten: by the class in its ten-digit code, without one by its name."""
    is_kindergarten = code.startswith(_KINDERGARTEN_CLASS) if code else _KINDERGARTEN_NAME in name
    return Entity.KINDERGARTEN if is_kindergarten else Entity.SCHOOL


def entities_of(unit: OrgUnit) -> tuple[Entity, ...]:
    """Name the records that a unit can have: the tree does not tell a kindergarten from a school, so either fits."""
    return OF_SCHOOLS if unit.level is Level.SCHOOL else (Entity.SUPERVISING_UNIT,)


def entities_within(unit: OrgUnit) -> tuple[Entity, ...]:
    """Name the records that a unit and those below it can have."""
    return OF_SCHOOLS if unit.level is Level.SCHOOL else (Entity.SUPERVISING_UNIT, *OF_SCHOOLS)


def kind_of(entity: Entity) -> str:
    """Say under which kind of data the rules speak of a record: a school's data are its own and its teachers'.

    Source: file 002, articles 8 and 18.
    """
    return "supervising_unit" if entity is Entity.SUPERVISING_UNIT else "school"


def acting_ids(actor: Actor) -> frozenset[UUID]:
    """Name the accounts for which somebody acts: the own one and, by delegation, another's."""
    return frozenset({actor.account_id, *([actor.on_behalf_of] if actor.on_behalf_of else [])})
