"""Permission names of the directory, and whether a unit lies within one of them."""

from __future__ import annotations

from registry_core.access.actors import Actor, visible_units
from registry_core.access.policies import SEE_PEOPLE
from registry_core.errors import Forbidden
from registry_core.orgs.models import Level, OrgUnit, is_within

SEE_UNITS = "directory:unit:see"
MANAGE_BODIES = "directory:body:manage"
ENTER_CONTACTS = "directory:contact:enter"
STAMP = "directory:contact:stamp"
COLLECT = "directory:round:open"
MANAGE_UNITS = "directory:unit:manage"
APPLY = "directory:unit:apply"

DEPARTMENTS = frozenset(Level) - {Level.SCHOOL}


def require_at(actor: Actor, permission: str, unit: OrgUnit) -> None:
    """Refuse an act at a unit that the actor sees and may not do this to.

    Raises Forbidden.
    """
    if not visible_units(actor, permission).covers(unit.path):
        raise Forbidden


def may_stamp_for(unit: OrgUnit) -> bool:
    """Say whether a unit answers for itself and all below it: a city, or a county directly under a province."""
    return unit.level is Level.CITY or (unit.level is Level.COUNTY and unit.parent_level is Level.PROVINCE)


def may_call(actor: Actor, unit: OrgUnit) -> bool:
    """Say whether the numbers of those who serve at a unit are shown to the actor.

    They serve the own unit and all below: whoever works there has to be able to call them. Elsewhere they are shown to
    who may see people. Source: file 003, main part 3.
    """
    served = any(is_within(held.unit_path, unit.path) for held in actor.carrying(SEE_UNITS))
    return served or visible_units(actor, SEE_PEOPLE).covers(unit.path)
