"""What happened to incidents."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from registry_core.events import Event


@dataclass(frozen=True, slots=True)
class IncidentOpened(Event):
    """Something went wrong and is on record."""

    incident_id: UUID
