"""Attempts at the door: counted for each source, so that nobody can lock somebody else out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.accounts import demands, keys, policies, queries
from registry_core.accounts.errors import SignInPaused
from registry_core.accounts.models import Account, AttemptOutcome, KnownDevice, PendingSignIn, SignInAttempt
from registry_core.accounts.services.callers import Caller
from registry_core.accounts.services.trail import note_failure, note_own

LONGEST_ADDRESS = 45
NOBODY = UUID(int=0)
"""No account has this id: what is asked for an account is asked for a name that nobody has too, and takes as long."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a caller at a name, which belongs to an account or to nobody."""

    caller: Caller
    name_key: str
    account_id: UUID | None
    device: KnownDevice | None

    @property
    def source(self) -> str:
        """Who is counted: the known device, or the stranger's address."""
        return f"device:{self.device.id}" if self.device else f"{queries.STRANGER}{self.caller.address}"


def identify(session: Session, caller: Caller, user_name: str, account: Account | None) -> Attempt:
    """Say who is counted for an attempt."""
    name_key = keys.keyed_hash("sign-in name", user_name.lower())
    device = queries.find_device(session, account.id if account else NOBODY, caller.device_tokens)
    return Attempt(caller, name_key, account.id if account else None, device)


def begin_attempt(session: Session, caller: Caller, user_name: str, account: Account | None) -> Attempt:
    """Begin an attempt; those of one source at one name wait for each other, so that none is counted too late.

    Raises SignInPaused, which keeps the note of it.
    """
    attempt = identify(session, caller, user_name, account)
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(attempt.name_key + attempt.source, 0))))
    if _is_paused(session, attempt, clock.now()):
        note_attempt(session, attempt, AttemptOutcome.PAUSED)
        raise SignInPaused
    return attempt


def note_attempt(session: Session, attempt: Attempt, outcome: AttemptOutcome) -> None:
    """Write down what came of an attempt."""
    session.add(
        SignInAttempt(
            name_key=attempt.name_key,
            account_id=attempt.account_id,
            source=attempt.source,
            address=attempt.caller.address[:LONGEST_ADDRESS],
            browser=attempt.caller.browser,
            outcome=outcome,
            at=clock.now(),
        )
    )
    session.flush()
    if outcome is not AttemptOutcome.SIGNED_IN:
        note_failure(session, attempt.account_id, attempt.caller)
    elif attempt.account_id is not None:
        note_own(session, attempt.account_id, "accounts.signed_in", caller=attempt.caller)


def forget_old_attempts(session: Session) -> None:
    """Delete what is older than is kept: it is personal data and has served."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < clock.now() - policies.HISTORY))


def forget_pending(session: Session) -> None:
    """Delete beginnings of signing in whose time is over: nothing can come of them."""
    session.execute(delete(PendingSignIn).where(PendingSignIn.expires_at <= clock.now()))


def forget_devices(session: Session) -> None:
    """Delete known devices that nobody has signed in from for as long as their cookie lives: none can come back."""
    session.execute(delete(KnownDevice).where(KnownDevice.seen_at < clock.now() - policies.DEVICE_KNOWN))


def _is_paused(session: Session, attempt: Attempt, at: datetime) -> bool:
    rules = demands.password_rules(session, None)
    failures = queries.count_failures(
        session, attempt.name_key, attempt.source, at=at, within=timedelta(minutes=rules.lock_minutes)
    )
    return policies.is_paused(failures, is_known_device=attempt.device is not None, attempts=rules.attempts)
