"""What the worker does about files that have come in. Each may run twice."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry_core.files.events import FileKept
from registry_core.files.services import look_after


def scan_and_draw(session: Session, event: FileKept) -> None:
    """Let a new content out of quarantine, or lock it away; draw a picture small."""
    look_after(session, event.content_id)
