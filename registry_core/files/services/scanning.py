"""What the worker does with a new content: scan it, and draw a picture small."""

from __future__ import annotations

import io
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core import audit, clock, outbox
from registry_core.db import after_commit
from registry_core.files import scanner, storage
from registry_core.files.checks.pictures import draw_thumbnail
from registry_core.files.checks.reasons import Suspicious
from registry_core.files.events import VirusFound
from registry_core.files.kinds import BY_NAME
from registry_core.files.models import ContentState, FileContent


def look_after(session: Session, content_id: UUID) -> None:
    """Scan a content that is in quarantine, lock it away if need be, and draw a clean picture small; may run twice.

    Raises ScannerAway, StorageAway: it is then tried again later.
    """
    content = session.get(FileContent, content_id, with_for_update=True)
    if content is None:
        return
    if content.state is ContentState.QUARANTINED:
        _scan(session, content)
    if content.state is not ContentState.INFECTED and BY_NAME[content.kind].is_picture and not content.has_thumbnail:
        _draw(content)
    session.flush()


def _scan(session: Session, content: FileContent) -> None:
    clamd = scanner.find_scanner()
    if clamd is None:
        # The scanner was taken away from the settings: then nothing is scanned, this content neither.
        content.state = ContentState.UNSCANNED
        return
    finding = clamd.scan(storage.read(storage.content_key(content.id)))
    if finding is None:
        content.pass_scan(clock.now())
        return
    content.fail_scan(finding, clock.now())
    key = storage.content_key(content.id)
    after_commit(session, lambda: storage.delete([key]))
    told = audit.Subject("file", content.id, label=finding)
    audit.note(session, None, "files.found_infected", about=told)
    outbox.record(session, VirusFound(content.id))


def _draw(content: FileContent) -> None:
    bytes_ = io.BytesIO(b"".join(storage.read(storage.content_key(content.id))))
    try:
        drawn = draw_thumbnail(bytes_, content.kind)
    except Suspicious:
        # It came in, so it can be opened; a picture that cannot be drawn small is shown by its name.
        return
    storage.write(storage.thumbnail_key(content.id), drawn)
    content.has_thumbnail = True
