"""What happened to rights."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from registry_core.events import Event


@dataclass(frozen=True, slots=True)
class RoleGiven(Event):
    """Somebody was given a role at a unit by another person."""

    assignment_id: UUID
