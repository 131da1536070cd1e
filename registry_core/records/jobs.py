"""What the clock does for entered changes; one transaction of the worker."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry_core.records import services

MOVE_STRANDED_EVERY_SECONDS = 600.0


def move_stranded(session: Session, _presence: object) -> None:
    """Move changes that nobody is left to check to whoever stands in by rule."""
    services.move_stranded(session)
