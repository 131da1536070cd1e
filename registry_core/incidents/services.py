"""Writes of incidents: opened, handled, closed; and each look into what is sealed under them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry_core import audit, clock, outbox
from registry_core.access.actors import Actor
from registry_core.audit.services import PURPOSE
from registry_core.files.models import StoredFile
from registry_core.files.queries import get_sealed
from registry_core.incidents import queries
from registry_core.incidents.errors import IncidentMoved, NothingSealed, OwnIncident
from registry_core.incidents.events import IncidentOpened
from registry_core.incidents.models import LONGEST_WORDS, Incident, IncidentKind, IncidentState
from registry_core.incidents.policies import OPEN_EVIDENCE, Evidence, is_own, keeper_of
from registry_core.personal_numbers import cover_numbers


@dataclass(frozen=True, slots=True)
class Happening:
    """What goes on record. `details` are figures and kinds, never personal data."""

    kind: IncidentKind
    unit_id: UUID
    caused_by_id: UUID | None
    details: Mapping[str, Any]
    reached: int


def open_incident(session: Session, actor: Actor, happening: Happening) -> Incident:
    """Put an incident on record under the next number of the year; the administrators hear of it after commit."""
    # One at a time, so that numbers have no gap: there are few.
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('incident'))"))
    now = clock.now()
    year = clock.local(now).year
    incident = Incident(
        year=year,
        number=queries.last_number(session, year) + 1,
        kind=happening.kind,
        state=IncidentState.OPEN,
        unit_id=happening.unit_id,
        opened_by_id=actor.account_id,
        opened_at=now,
        caused_by_id=happening.caused_by_id,
        details=dict(happening.details),
        reached=happening.reached,
    )
    session.add(incident)
    session.flush()
    _note(session, actor, "incidents.opened", incident)
    outbox.record(session, IncidentOpened(incident.id))
    return incident


def handle_incident(session: Session, actor: Actor, incident_id: UUID, *, measures: str) -> Incident:
    """Write down what was done about an incident.

    Raises IncidentNotFound, OwnIncident, IncidentMoved.
    """
    incident = _lock(session, actor, incident_id, IncidentState.OPEN)
    incident.handle(actor.account_id, _plain(measures), clock.now())
    session.flush()
    _note(session, actor, "incidents.handled", incident)
    return incident


def close_incident(session: Session, actor: Actor, incident_id: UUID, *, conclusion: str) -> Incident:
    """Close an incident that was handled.

    Raises IncidentNotFound, OwnIncident, IncidentMoved.
    """
    incident = _lock(session, actor, incident_id, IncidentState.HANDLED)
    incident.close(actor.account_id, _plain(conclusion), clock.now())
    session.flush()
    _note(session, actor, "incidents.closed", incident)
    return incident


def open_evidence(session: Session, actor: Actor, incident_id: UUID, *, reason: str) -> Evidence:
    """Read what is sealed under an incident; who looked and why is noted each time.

    Raises IncidentNotFound, OwnIncident.
    """
    incident, evidence = _sealed(session, actor, incident_id)
    why = {PURPOSE: audit.Change(None, _plain(reason), audit.FieldClass.INTERNAL)}
    audit.note(session, actor, "incidents.evidence.opened", about=subject_of(incident), changes=why)
    return evidence


def open_sealed_file(session: Session, actor: Actor, incident_id: UUID, file_id: UUID) -> StoredFile:
    """Load a file that is sealed under an incident; each opening is noted.

    Raises IncidentNotFound, OwnIncident, NothingSealed, StillQuarantined, FileInfected.
    """
    incident, evidence = _sealed(session, actor, incident_id)
    if file_id not in evidence.file_ids:
        raise NothingSealed
    file = get_sealed(session, file_id)
    _note(session, actor, "incidents.file.opened", incident)
    return file


def _sealed(session: Session, actor: Actor, incident_id: UUID) -> tuple[Incident, Evidence]:
    incident = queries.get_incident(session, actor, incident_id, permission=OPEN_EVIDENCE).incident
    if is_own(actor, incident):
        raise OwnIncident
    return incident, keeper_of(incident.kind).read_evidence(session, incident.id)


def _lock(session: Session, actor: Actor, incident_id: UUID, state: IncidentState) -> Incident:
    incident = queries.lock_incident(session, actor, incident_id)
    if is_own(actor, incident):
        raise OwnIncident
    if incident.state is not state:
        raise IncidentMoved
    return incident


def _plain(words: str) -> str:
    """Keep numbers of persons out of the record."""
    return cover_numbers(words)[:LONGEST_WORDS]


def subject_of(incident: Incident) -> audit.Subject:
    """Name an incident for the trail."""
    return audit.Subject("incident", incident.id, incident.unit_id, label=incident.label)


def _note(session: Session, actor: Actor, act: str, incident: Incident) -> None:
    audit.note(session, actor, act, about=subject_of(incident))
