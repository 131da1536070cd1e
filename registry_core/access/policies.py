"""Permission names about people and rights, and who may give which role where."""

from __future__ import annotations

from registry_core.access.actors import Actor, Assignment
from registry_core.access.models import Role
from registry_core.access.roles import DEFINITIONS
from registry_core.orgs.models import OrgUnit, is_within

SEE_PEOPLE = "access:people:see"
MANAGE_PEOPLE = "access:people:manage"
QUALIFY = "access:qualification:grant"


def may_give(actor: Actor, role: Role, unit: OrgUnit) -> bool:
    """Say whether a role of the actor reaches so far as to give this role at this unit.

    Registry administrators give roles at their own unit only: "staff of the registry system of the unit"
    (file 003 annex 2 art. 17). Super administrators give them there and at every unit below.
    """
    given_by = DEFINITIONS[role].given_by
    return any(held.role in given_by and _reaches(held, unit) for held in actor.assignments)


def _reaches(held: Assignment, unit: OrgUnit) -> bool:
    if held.role is Role.SUPER_ADMINISTRATOR:
        return is_within(unit.path, held.unit_path)
    return held.unit_id == unit.id


def givable_roles(actor: Actor, unit: OrgUnit) -> tuple[Role, ...]:
    """List the roles that the actor may give at a unit, in the order of the definitions."""
    return tuple(
        role
        for role, definition in DEFINITIONS.items()
        if definition.is_offered and unit.level in definition.levels and may_give(actor, role, unit)
    )
