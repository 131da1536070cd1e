"""What the clock does for the messenger; each is one transaction of the worker."""

from __future__ import annotations

from sqlalchemy.orm import Session

from chat.services.members import settle_changed

SETTLE_GROUPS_EVERY_SECONDS = 10.0


def settle_groups(session: Session, _presence: object) -> None:
    """Bring groups by rule in line with the roles that began or ended, also by their own date."""
    settle_changed(session)
