"""Reads of files; the right is asked of the keeper of their use each time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from registry_core.access.actors import Actor
from registry_core.files.errors import FileInfected, FileNotFound, StillQuarantined, UploadGone
from registry_core.files.models import ContentState, FileContent, StoredFile, Upload, UploadPart
from registry_core.files.policies import find_keeper

AT_ONCE = 500


def open_file(session: Session, actor: Actor, file_id: UUID) -> StoredFile:
    """Load a file that the actor may open now, with its content.

    Raises FileNotFound, StillQuarantined, FileInfected.
    """
    return _require_open(get_file(session, actor, file_id))


def get_file(session: Session, actor: Actor, file_id: UUID) -> StoredFile:
    """Load a file that the actor may know of, whatever its scan has said.

    What nobody has attached yet is known to who brought it alone.
    Raises FileNotFound.
    """
    query = select(StoredFile).options(joinedload(StoredFile.content, innerjoin=True))
    file = session.scalars(query.where(StoredFile.id == file_id)).one_or_none()
    if file is None or not _may_open(session, actor, file):
        raise FileNotFound
    return file


def list_files(session: Session, actor: Actor, file_ids: Collection[UUID]) -> list[StoredFile]:
    """Load those of the files that the actor may know of; the others do not exist."""
    query = select(StoredFile).options(joinedload(StoredFile.content, innerjoin=True))
    found = session.scalars(query.where(StoredFile.id.in_(file_ids))).all()
    return [file for file in found if _may_open(session, actor, file)]


def get_sealed(session: Session, file_id: UUID) -> StoredFile:
    """Load a file that nobody opens by its own address any more, for a caller that has decided who may look.

    Raises FileNotFound, StillQuarantined, FileInfected.
    """
    found = list_sealed(session, [file_id])
    if not found:
        raise FileNotFound
    return _require_open(found[0])


def list_sealed(session: Session, file_ids: Collection[UUID]) -> list[StoredFile]:
    """Load files by their identifiers, for a caller that has decided who may know of them."""
    query = select(StoredFile).options(joinedload(StoredFile.content, innerjoin=True))
    return list(session.scalars(query.where(StoredFile.id.in_(file_ids)).order_by(StoredFile.created_at)))


def _require_open(file: StoredFile) -> StoredFile:
    if file.content.state is ContentState.QUARANTINED:
        raise StillQuarantined
    if file.content.state is ContentState.INFECTED:
        raise FileInfected
    return file


def _may_open(session: Session, actor: Actor, file: StoredFile) -> bool:
    keeper = find_keeper(file.use)
    if keeper is None:
        return False
    if file.attached_at is None:
        return file.account_id == actor.account_id
    return keeper.may_open(session, actor, file.id)


def get_upload(session: Session, actor: Actor, upload_id: UUID, *, for_update: bool = False) -> Upload:
    """Load an upload of the actor's own.

    Raises UploadGone.
    """
    upload = session.get(Upload, upload_id, with_for_update=for_update)
    if upload is None or upload.account_id != actor.account_id:
        raise UploadGone
    return upload


def find_unfinished(session: Session, actor: Actor, like: Upload) -> Upload | None:
    """Find the actor's own upload of the same file for the same use that was cut off."""
    query = select(Upload).where(
        Upload.account_id == actor.account_id,
        Upload.use == like.use,
        Upload.name == like.name,
        Upload.size == like.size,
        Upload.sha256.is_not_distinct_from(like.sha256),
        Upload.file_id.is_(None),
    )
    return session.scalars(query.order_by(Upload.created_at.desc()).limit(1).with_for_update()).first()


def count_unfinished(session: Session, actor: Actor) -> int:
    """Count the actor's uploads under way."""
    mine = select(func.count()).where(Upload.account_id == actor.account_id, Upload.file_id.is_(None))
    return session.scalar(mine) or 0


def list_refused(session: Session, actor: Actor, *, before: datetime) -> list[Upload]:
    """List the actor's uploads that came in whole before an instant and were not taken as a file."""
    query = select(Upload).where(
        Upload.account_id == actor.account_id,
        Upload.file_id.is_(None),
        Upload.received == Upload.size,
        Upload.touched_at < before,
    )
    return list(session.scalars(query.with_for_update(skip_locked=True)))


def list_parts(session: Session, upload_id: UUID) -> list[UploadPart]:
    """List the pieces of an upload in their order."""
    return list(session.scalars(select(UploadPart).where(UploadPart.upload_id == upload_id).order_by(UploadPart.place)))


def list_stale_uploads(session: Session, *, before: datetime) -> list[Upload]:
    """List uploads that nobody has touched since an instant; ones under way in another transaction are left out."""
    query = select(Upload).where(Upload.touched_at < before).with_for_update(skip_locked=True)
    return list(session.scalars(query.limit(AT_ONCE)))


def list_loose_files(session: Session, *, before: datetime) -> list[StoredFile]:
    """List files that were brought before an instant and attached by nobody since."""
    loose = StoredFile.attached_at.is_(None)
    uploading = exists().where(Upload.file_id == StoredFile.id)
    query = select(StoredFile).where(loose, StoredFile.created_at < before, ~uploading)
    return list(session.scalars(query.with_for_update(skip_locked=True).limit(AT_ONCE)))


def list_unused_contents(session: Session, *, before: datetime) -> list[FileContent]:
    """List contents that no file has any more; what was infected stays known."""
    unused = ~exists().where(StoredFile.content_id == FileContent.id)
    query = select(FileContent).where(
        unused, FileContent.created_at < before, FileContent.state != ContentState.INFECTED
    )
    return list(session.scalars(query.with_for_update(skip_locked=True).limit(AT_ONCE)))


def list_known(session: Session, ids: Collection[UUID]) -> frozenset[UUID]:
    """Say which of many identifiers are those of a content that is to be kept, or of an upload."""
    contents = select(FileContent.id).where(FileContent.id.in_(ids), FileContent.state != ContentState.INFECTED)
    uploads = select(Upload.id).where(Upload.id.in_(ids))
    return frozenset([*session.scalars(contents), *session.scalars(uploads)])
