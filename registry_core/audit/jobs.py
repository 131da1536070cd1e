"""What the clock of the worker does for the trail."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry_core.audit import heads

PUBLISH_EVERY_SECONDS = 600.0


def publish_heads(session: Session, _presence: object) -> None:
    """Publish the heads of the chains once a day, at the first tick of the day."""
    heads.publish(session, heads.folder())
