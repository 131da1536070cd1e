"""An upload becomes a file: put together, compared, inspected, stored once per content; then attached to its use."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from registry_core import audit, clock, outbox
from registry_core.access.actors import Actor
from registry_core.db import new_id
from registry_core.errors import Forbidden
from registry_core.files import queries, scanner, storage
from registry_core.files.errors import DigestDiffers, FileInfected, FileNotFound, Unfinished
from registry_core.files.events import FileKept
from registry_core.files.inspection import Inspected, inspect
from registry_core.files.limits import limits_for
from registry_core.files.models import ContentState, FileContent, StoredFile, Upload
from registry_core.files.policies import find_keeper
from registry_core.files.services.arriving import drop_parts
from registry_core.files.work import apart


def keep(session: Session, actor: Actor, upload_id: UUID) -> StoredFile:
    """Make a file of an upload that is whole; once more, the same file comes back.

    Raises UploadGone, Unfinished, DigestDiffers, FileRefused, FileInfected, StorageAway.
    """
    upload = queries.get_upload(session, actor, upload_id, for_update=True)
    if upload.file_id is not None:
        return queries.get_file(session, actor, upload.file_id)
    if upload.received != upload.size:
        raise Unfinished
    content = _content_of(session, upload, limits_for(session, actor).types)
    if content.state is ContentState.INFECTED:
        raise FileInfected
    file = StoredFile(
        id=new_id(),
        content_id=content.id,
        account_id=actor.account_id,
        use=upload.use,
        name=upload.name,
        created_at=clock.now(),
        content=content,
    )
    session.add(file)
    session.flush()
    upload.file_id = file.id
    drop_parts(session, upload)
    # The name of a file may be a pupil's: the trail keeps its kind.
    audit.note(session, actor, "files.kept", about=audit.Subject("file", file.id, label=content.kind))
    session.flush()
    return file


def attach(session: Session, actor: Actor, file_id: UUID, *, use: str) -> StoredFile:
    """Let the feature of a use hold on to a file that the actor has brought for it; it is then kept for good.

    Raises FileNotFound, FileInfected, Forbidden.
    """
    # Locked first: the clock may just be about to clear it out.
    session.execute(select(StoredFile.id).where(StoredFile.id == file_id).with_for_update())
    file = queries.get_file(session, actor, file_id)
    if file.use != use or file.account_id != actor.account_id:
        raise FileNotFound
    if file.content.state is ContentState.INFECTED:
        raise FileInfected
    keeper = find_keeper(use)
    if keeper is None or not keeper.may_bring(session, actor):
        raise Forbidden
    if file.attached_at is None:
        file.attached_at = clock.now()
        session.flush()
    return file


def note_opened(session: Session, actor: Actor, file: StoredFile) -> None:
    """Note that somebody has opened a file that somebody else brought."""
    if file.account_id != actor.account_id:
        audit.note(session, actor, "files.opened", about=audit.Subject("file", file.id, label=file.content.kind))


@dataclass(frozen=True, slots=True)
class _Whole:
    """An upload put together and looked at."""

    sha256: str
    inspected: Inspected


def _content_of(session: Session, upload: Upload, types: Sequence[str]) -> FileContent:
    """Return the content of an upload, stored now or known from before.

    There is no short cut by a hash that the browser names: who knows a hash would get the file.
    """
    keys = [storage.part_key(upload.id, part.place) for part in queries.list_parts(session, upload.id)]
    with tempfile.TemporaryDirectory(prefix="desk-file-") as folder:
        path = Path(folder) / "whole"
        whole = apart(lambda: _put_together(path, keys, upload, types))
        return _store_once(session, path, whole, upload.size)


def _put_together(path: Path, keys: Sequence[str], upload: Upload, types: Sequence[str]) -> _Whole:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for key in keys:
            for piece in storage.read(key):
                digest.update(piece)
                file.write(piece)
    if path.stat().st_size != upload.size or (upload.sha256 and upload.sha256 != digest.hexdigest()):
        raise DigestDiffers
    return _Whole(digest.hexdigest(), inspect(path, upload.name, types))


def _store_once(session: Session, path: Path, whole: _Whole, size: int) -> FileContent:
    """Store a content that is new, and hold the row of one that is known, so that nobody clears it out meanwhile."""
    while True:
        if (new := _insert(session, whole, size)) is not None:
            storage.write(storage.content_key(new), path)
            outbox.record(session, FileKept(new))
        known = session.scalars(
            select(FileContent).where(FileContent.sha256 == whole.sha256).with_for_update()
        ).one_or_none()
        # None when the clock cleared out the one of before between the two statements: then ours is new after all.
        if known is not None:
            return known


def _insert(session: Session, whole: _Whole, size: int) -> UUID | None:
    """Insert a content unless there is one of the same bytes; of two at the same moment one waits for the other."""
    width, height = whole.inspected.sides or (None, None)
    values = {
        "id": new_id(),
        "sha256": whole.sha256,
        "size": size,
        "kind": whole.inspected.kind.name,
        "state": ContentState.QUARANTINED if scanner.find_scanner() else ContentState.UNSCANNED,
        "width": width,
        "height": height,
        "created_at": clock.now(),
    }
    statement = insert(FileContent).values(values).on_conflict_do_nothing(index_elements=["sha256"])
    inserted: UUID | None = session.scalar(statement.returning(FileContent.id))
    return inserted
