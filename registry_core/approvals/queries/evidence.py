"""What was attached to applications, and who may open it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, contains_eager

from registry_core.access.actors import Actor
from registry_core.approvals.models import Application, ApplicationEvidence
from registry_core.approvals.queries.applications import reachable
from registry_core.files.models import StoredFile

FURTHER = ""
"""The name under which an applicant attaches what the procedure does not ask for."""


def is_open_to(session: Session, actor: Actor, file_id: UUID) -> bool:
    """Say whether a file is evidence of an application that somebody has a part in now."""
    attached = (
        select(ApplicationEvidence.file_id)
        .join(Application, Application.id == ApplicationEvidence.application_id)
        .where(ApplicationEvidence.file_id == file_id, reachable(actor))
    )
    return bool(session.scalar(select(attached.exists())))


def list_evidence(session: Session, application: Application) -> Sequence[Row[ApplicationEvidence, StoredFile]]:
    """List every file of every round with its content, the first round first; who reaches the application sees all."""
    return session.execute(
        select(ApplicationEvidence, StoredFile)
        .join(StoredFile, StoredFile.id == ApplicationEvidence.file_id)
        .join(StoredFile.content)
        .options(contains_eager(StoredFile.content))
        .where(ApplicationEvidence.application_id == application.id)
        .order_by(ApplicationEvidence.round, ApplicationEvidence.name, ApplicationEvidence.place)
    ).all()


def list_attached(session: Session, application: Application) -> dict[str, list[UUID]]:
    """List the files of the last round by the names of the evidence."""
    rows = session.scalars(
        select(ApplicationEvidence)
        .where(
            ApplicationEvidence.application_id == application.id,
            ApplicationEvidence.round == application.round,
        )
        .order_by(ApplicationEvidence.place)
    )
    attached: dict[str, list[UUID]] = {}
    for row in rows:
        attached.setdefault(row.name, []).append(row.file_id)
    return attached


def list_ids(session: Session, application: Application) -> frozenset[UUID]:
    """List the files of all rounds."""
    return frozenset(
        session.scalars(select(ApplicationEvidence.file_id).where(ApplicationEvidence.application_id == application.id))
    )
