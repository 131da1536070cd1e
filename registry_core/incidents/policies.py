"""Who sees and handles incidents, and who answers for those of a kind: the feature in which it happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.incidents.models import Incident, IncidentKind

SEE_INCIDENTS = "incidents:incident:see"
HANDLE_INCIDENTS = "incidents:incident:handle"
OPEN_EVIDENCE = "incidents:evidence:open"


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody whom an incident had reached, and in which ways."""

    account_id: UUID
    name: str
    unit_name: str
    ways: tuple[LazyString | str, ...]


@dataclass(frozen=True, slots=True)
class SealedText:
    """A text as it stood, and until when."""

    body: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is kept under an incident: where it stood, its texts, the earliest first, and its files by identifier."""

    place: str
    said_at: datetime
    said_by: str
    texts: tuple[SealedText, ...]
    file_ids: tuple[UUID, ...]


class IncidentKeeper(Protocol):
    """Answers for the incidents of one kind; who may ask is decided by the caller."""

    @property
    def kind(self) -> IncidentKind:
        """The kind that it answers for."""

    def list_reached(self, session: Session, incident_id: UUID) -> Sequence[Reached]:
        """List whom it had reached when it was opened."""

    def read_evidence(self, session: Session, incident_id: UUID) -> Evidence:
        """Read what is kept under it."""


_keepers: dict[IncidentKind, IncidentKeeper] = {}


def install_incident_keepers(keepers: Iterable[IncidentKeeper]) -> None:
    """Lay down who answers for which kind; the page is `portal/subscriptions.py`."""
    _keepers.clear()
    _keepers.update({keeper.kind: keeper for keeper in keepers})


def keeper_of(kind: IncidentKind) -> IncidentKeeper:
    """Name who answers for a kind."""
    return _keepers[kind]


def is_own(actor: Actor, incident: Incident) -> bool:
    """Say whether an incident is of the actor's own doing, or of whom they act for."""
    return incident.caused_by_id is not None and incident.caused_by_id in {actor.account_id, actor.on_behalf_of}
