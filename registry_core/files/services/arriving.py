"""A file on its way in: begun, taken piece by piece, gone on with after a cut, or given up."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.db import after_commit
from registry_core.errors import Forbidden
from registry_core.files import queries, storage
from registry_core.files.errors import (
    FileNotFound,
    FileRefused,
    FileTooLarge,
    PieceOutOfPlace,
    PieceTooLarge,
    TooManyUploads,
)
from registry_core.files.inspection import kind_of_name
from registry_core.files.limits import MEGABYTE, limits_for
from registry_core.files.models import Upload, UploadPart
from registry_core.files.names import clean_name
from registry_core.files.policies import find_keeper

PIECE_BYTES = 1 << 20
"""How much travels in one request: little enough to be sent again after a cut, and below the largest form."""

MOST_UNFINISHED = 20
REFUSED_AFTER = timedelta(minutes=1)
"""So long after its last piece an upload may still be on its way to become a file."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What the browser says of a file before it sends it."""

    use: str
    name: str
    size: int
    sha256: str | None = None


def begin_upload(session: Session, actor: Actor, announced: Announced) -> Upload:
    """Begin to bring a file, or go on with the same one that was cut off before.

    Raises FileNotFound for a use that nobody answers for, Forbidden, FileRefused, FileTooLarge, TooManyUploads.
    """
    keeper = find_keeper(announced.use)
    if keeper is None:
        raise FileNotFound
    if not keeper.may_bring(session, actor):
        raise Forbidden
    upload = _planned(session, actor, announced)
    unfinished = queries.find_unfinished(session, actor, upload)
    if unfinished is not None:
        return unfinished
    _drop_refused(session, actor)
    if queries.count_unfinished(session, actor) >= MOST_UNFINISHED:
        raise TooManyUploads
    session.add(upload)
    session.flush()
    return upload


def _drop_refused(session: Session, actor: Actor) -> None:
    """Forget uploads whose content was refused: they must not count against who has chosen wrong files."""
    for upload in queries.list_refused(session, actor, before=clock.now() - REFUSED_AFTER):
        drop_upload(session, upload)
    session.flush()


def _planned(session: Session, actor: Actor, announced: Announced) -> Upload:
    limits = limits_for(session, actor)
    name = clean_name(announced.name)
    kind_of_name(name, limits.types)
    if announced.size <= 0:
        raise FileRefused(_l("这个文件是空的，请换一个。"))
    if announced.size > limits.max_bytes:
        raise FileTooLarge(
            _l("文件太大了，最大 %(most)s MB。可以压缩图片或拆成几个再上传。", most=limits.max_bytes // MEGABYTE)
        )
    now = clock.now()
    return Upload(
        account_id=actor.account_id,
        use=announced.use,
        name=name,
        size=announced.size,
        sha256=announced.sha256,
        received=0,
        created_at=now,
        touched_at=now,
    )


def take_piece(session: Session, actor: Actor, upload_id: UUID, *, place: int, piece: bytes) -> Upload:
    """Take the bytes that go on from `place`; the same piece once more changes nothing.

    Raises UploadGone, PieceTooLarge, PieceOutOfPlace, StorageAway.
    """
    upload = queries.get_upload(session, actor, upload_id, for_update=True)
    if len(piece) > PIECE_BYTES:
        raise PieceTooLarge
    digest = hashlib.sha256(piece).hexdigest()
    if place < upload.received or upload.file_id is not None:
        _require_same(session, upload, place, digest)
        return upload
    if place != upload.received or not piece or place + len(piece) > upload.size:
        raise PieceOutOfPlace
    storage.write(storage.part_key(upload.id, place), piece)
    session.add(UploadPart(upload_id=upload.id, place=place, size=len(piece), sha256=digest))
    upload.received += len(piece)
    upload.touched_at = clock.now()
    session.flush()
    return upload


def _require_same(session: Session, upload: Upload, place: int, digest: str) -> None:
    if upload.file_id is not None:
        return
    part = session.get(UploadPart, (upload.id, place))
    if part is None or part.sha256 != digest:
        raise PieceOutOfPlace


def cancel_upload(session: Session, actor: Actor, upload_id: UUID) -> None:
    """Give an upload up; one that has become a file stays.

    Raises UploadGone.
    """
    upload = queries.get_upload(session, actor, upload_id, for_update=True)
    if upload.file_id is None:
        drop_upload(session, upload)
        session.flush()


def drop_upload(session: Session, upload: Upload) -> None:
    """Forget an upload with its pieces."""
    drop_parts(session, upload)
    session.delete(upload)


def drop_parts(session: Session, upload: Upload) -> None:
    """Forget the pieces of an upload, and delete them once that is committed."""
    keys = [storage.part_key(upload.id, part.place) for part in queries.list_parts(session, upload.id)]
    session.execute(delete(UploadPart).where(UploadPart.upload_id == upload.id))
    after_commit(session, lambda: storage.delete(keys))
