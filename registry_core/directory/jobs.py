"""What the clock does for the directory; one transaction of the worker."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry_core.directory.services import rounds

REMIND_EVERY_SECONDS = 60.0


def remind_of_contacts(session: Session, _presence: object) -> None:
    """Remind those who still owe their part of the directory."""
    rounds.remind(session)
