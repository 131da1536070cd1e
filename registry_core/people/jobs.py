"""What the clock does while people get in; each is one transaction of the worker."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry_core.people.services import registrations

FORGET_UNCONFIRMED_EVERY_SECONDS = 3600.0


def forget_unconfirmed(session: Session, _presence: object) -> None:
    """Delete the registrations whose address nobody has confirmed."""
    registrations.forget_unconfirmed(session)
