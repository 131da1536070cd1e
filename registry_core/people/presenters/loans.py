"""Lent roles as their page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from registry_core import clock
from registry_core.access.models import Delegation, RoleAssignment
from registry_core.access.roles import DEFINITIONS
from registry_core.orgs.models import OrgUnit


@dataclass(frozen=True, slots=True)
class HeldLine:
    """One of the own roles, to be lent."""

    assignment_id: UUID
    unit_id: UUID
    role_name: str
    unit_name: str


def held_lines(held: Sequence[tuple[RoleAssignment, OrgUnit]]) -> list[HeldLine]:
    """Present the roles held now."""
    now = clock.now()
    return [
        HeldLine(one.id, unit.id, str(DEFINITIONS[one.role].name), unit.name)
        for one, unit in held
        if one.valid_from <= now and (one.valid_until is None or one.valid_until > now)
    ]


def state_of(loan: Delegation) -> str:
    """Say how far a lending has come: refused, ended, waiting, coming, active."""
    now = clock.now()
    if loan.refused_at is not None:
        return "refused"
    if loan.ended_at is not None or loan.valid_until <= now:
        return "ended"
    if loan.consented_at is None:
        return "waiting"
    return "coming" if loan.valid_from > now else "active"
