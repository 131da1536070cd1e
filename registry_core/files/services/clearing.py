"""Clearing out what nobody wants: uploads that were given up, files that nobody attached, bytes that nothing names."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.db import after_commit
from registry_core.files import queries, storage
from registry_core.files.models import FileContent
from registry_core.files.services.arriving import drop_upload

UPLOAD_WAITS = timedelta(hours=24)
"""So long somebody may go on with an upload, and attach a file that has come in."""

CONTENT_WAITS = timedelta(hours=1)
STRAY_WAITS = timedelta(hours=48)


def clear_out(session: Session) -> bool:
    """Delete what has waited too long; say whether there may be more."""
    now = clock.now()
    uploads = queries.list_stale_uploads(session, before=now - UPLOAD_WAITS)
    for upload in uploads:
        drop_upload(session, upload)
    session.flush()
    files = queries.list_loose_files(session, before=now - UPLOAD_WAITS)
    for file in files:
        session.delete(file)
    session.flush()
    contents = queries.list_unused_contents(session, before=now - CONTENT_WAITS)
    for content in contents:
        _delete_content(session, content)
    session.flush()
    return any(len(some) == queries.AT_ONCE for some in (uploads, files, contents))


def _delete_content(session: Session, content: FileContent) -> None:
    """Delete a content; its bytes go once that is committed. A new content of the same bytes has another key."""
    keys = [storage.content_key(content.id), storage.thumbnail_key(content.id)]
    session.delete(content)
    after_commit(session, lambda: storage.delete(keys))


def clear_storage(session: Session) -> int:
    """Delete bytes that no row names, left behind by a cut between commit and deletion; say how many objects went."""
    gone = 0
    for prefix in (storage.CONTENTS, storage.THUMBNAILS, storage.PARTS):
        keys = {key: _id_in(key) for key in storage.list_older(prefix, clock.now() - STRAY_WAITS)}
        known = queries.list_known(session, [id_ for id_ in keys.values() if id_])
        stray = [key for key, id_ in keys.items() if id_ is not None and id_ not in known]
        storage.delete(stray)
        gone += len(stray)
    return gone


def _id_in(key: str) -> UUID | None:
    """Read the identifier in a key; what is not ours to name is not ours to delete."""
    try:
        return UUID(key.split("/")[1])
    except (ValueError, IndexError):
        return None
