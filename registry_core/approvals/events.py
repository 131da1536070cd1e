"""What happened to applications, for the features that they belong to and for those who have to act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from registry_core.events import Event


@dataclass(frozen=True, slots=True)
class StepOpened(Event):
    """A step waits for a decision, or was moved to somebody else."""

    application_id: UUID
    step_id: UUID


@dataclass(frozen=True, slots=True)
class ApplicationReturned(Event):
    """An application went back to its applicant to be corrected."""

    application_id: UUID
    step_id: UUID


@dataclass(frozen=True, slots=True)
class ApplicationDecided(Event):
    """An application is over. `outcome` is approved, rejected or withdrawn; the feature acts on what it is about."""

    application_id: UUID
    procedure_code: str
    subject_kind: str
    subject_id: UUID
    outcome: str


@dataclass(frozen=True, slots=True)
class StepOverdue(Event):
    """The day on which a step was due is over; told once for each step."""

    application_id: UUID
    step_id: UUID
    unit_id: UUID
    due_on: date
