"""What happened in the directory, for others to react to afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from registry_core.events import Event


@dataclass(frozen=True, slots=True)
class ContactsDue(Event):
    """A city or county owes its part of the directory, and the clock says so on a day."""

    round_id: UUID
    unit_id: UUID
    day: date


@dataclass(frozen=True, slots=True)
class SchoolMerged(Event):
    """A school went over into another one on a day; whoever belonged to it belongs to the other now."""

    unit_id: UUID
    into_id: UUID
    day: date
