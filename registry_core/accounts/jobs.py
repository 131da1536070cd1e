"""What the clock does for accounts; each is one transaction of the worker."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry_core.accounts.services import attempts, dormancy, names

SEAL_DORMANT_EVERY_SECONDS = 600.0
FORGET_ATTEMPTS_EVERY_SECONDS = 3600.0
FORGET_PENDING_EVERY_SECONDS = 900.0
FORGET_DEVICES_EVERY_SECONDS = 6 * 3600.0
SPELL_NAMES_EVERY_SECONDS = 60.0


def seal_dormant(session: Session, _presence: object) -> bool:
    """Tell and seal accounts that nobody uses; says whether to come again at once."""
    return dormancy.seal_dormant(session)


def forget_attempts(session: Session, _presence: object) -> None:
    """Delete attempts to sign in that are older than is kept."""
    attempts.forget_old_attempts(session)


def forget_pending(session: Session, _presence: object) -> None:
    """Delete beginnings of signing in whose time is over."""
    attempts.forget_pending(session)


def forget_devices(session: Session, _presence: object) -> None:
    """Delete devices that have not been used for as long as they are known."""
    attempts.forget_devices(session)


def spell_names(session: Session, _presence: object) -> bool:
    """Spell names for the search by pinyin that came in past the model; says whether to come again at once."""
    return names.spell_names(session)
