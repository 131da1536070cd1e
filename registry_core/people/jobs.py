"""What the clock does while people get in; each is one transaction of the worker."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry_core.people.services import batches, lent_passwords, registrations

FORGET_UNCONFIRMED_EVERY_SECONDS = 3600.0
CHASE_LENT_PASSWORDS_EVERY_SECONDS = 300.0
FORGET_BATCHES_EVERY_SECONDS = 3600.0


def forget_unconfirmed(session: Session, _presence: object) -> None:
    """Delete the registrations whose address nobody has confirmed."""
    registrations.forget_unconfirmed(session)


def chase_lent_passwords(session: Session, _presence: object) -> None:
    """Ask for a new password where a lent one has been used long enough, and report those that were kept."""
    lent_passwords.force_change(session)
    lent_passwords.report_kept(session)


def forget_batches(session: Session, _presence: object) -> bool:
    """Drop the batches of accounts that nobody has touched for a week; say whether more are left."""
    return batches.forget_batches(session)
