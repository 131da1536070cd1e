"""Attaching evidence: the files of the applicant are held on to, each as which evidence it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.approvals.models import Application, ApplicationEvidence
from registry_core.approvals.policies import EVIDENCE
from registry_core.approvals.queries.evidence import list_ids
from registry_core.files import services as files

Evidence = Mapping[str, Sequence[UUID]]
"""Names of evidence, each with the ids of stored files."""


def attach_evidence(session: Session, actor: Actor, application: Application, evidence: Evidence) -> None:
    """Attach files to the round that has just been sent in; those of earlier rounds may be sent in again.

    Raises FileNotFound, FileInfected, Forbidden.
    """
    before = list_ids(session, application)
    for name, file_ids in evidence.items():
        for place, file_id in enumerate(dict.fromkeys(file_ids)):
            if file_id not in before:
                files.attach(session, actor, file_id, use=EVIDENCE)
            session.add(
                ApplicationEvidence(
                    application_id=application.id, round=application.round, name=name, file_id=file_id, place=place
                )
            )
    session.flush()
