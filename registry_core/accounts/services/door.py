"""The way in: the password, then what is still owed, then a browser session."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.accounts import demands, factors, passwords, policies, queries
from registry_core.accounts.errors import (
    AccountSealed,
    OneTimePasswordExpired,
    SignInPaused,
    StepNotDue,
    WrongCode,
    WrongCurrentPassword,
    WrongPassword,
)
from registry_core.accounts.events import SignedInByNewDevice
from registry_core.accounts.factors import SetUp
from registry_core.accounts.models import Account, AttemptOutcome, KnownDevice, PendingSignIn
from registry_core.accounts.services.accounts import NO_PASSWORD
from registry_core.accounts.services.attempts import Attempt, begin_attempt, identify, note_attempt
from registry_core.accounts.services.callers import Caller
from registry_core.accounts.services.factors import begin_factor, confirm_factor
from registry_core.accounts.services.passwords import set_password
from registry_core.accounts.services.sessions import TOKEN_BYTES, end_sessions, open_browser_session, renew_token
from registry_core.accounts.services.trail import note_own


class Owed(StrEnum):
    """What somebody with the right password still owes before they are in, in this order."""

    CODE = "code"
    NEW_PASSWORD = "new_password"  # noqa: S105 - the name of a step
    FACTOR = "factor"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the door hands out: the token of the session, and of the device where it was not known before."""

    token: str
    device_token: str | None


def knock(session: Session, *, user_name: str, password: str, caller: Caller) -> str:
    """Check a password; return the token of a sign-in that has begun.

    Whatever is wrong, one hash is computed: the time does not tell which names exist.
    Raises WrongPassword, SignInPaused, OneTimePasswordExpired, AccountSealed; each keeps the note of the attempt.
    """
    account = queries.find_account_by_name(session, user_name)
    if account is not None and not _opens(account):
        account = None
    try:
        attempt = begin_attempt(session, caller, user_name, account)
    except SignInPaused:
        passwords.verify_nobody(password)
        raise
    if not _is_right(account, password) or account is None:
        note_attempt(session, attempt, AttemptOutcome.WRONG_PASSWORD)
        raise WrongPassword
    if account.one_time_until is not None and clock.now() >= account.one_time_until:
        note_attempt(session, attempt, AttemptOutcome.WRONG_PASSWORD)
        raise OneTimePasswordExpired
    if account.sealed_at is not None:
        note_attempt(session, attempt, AttemptOutcome.SEALED)
        raise AccountSealed.reopened_by(queries.find_unit_above(session, account.id, at=clock.now()))
    if passwords.is_outdated(account.password_hash):
        account.password_hash = passwords.hash_password(password)
    return begin_sign_in(session, account.id)


def begin_sign_in(session: Session, account_id: UUID) -> str:
    """Begin a sign-in for an account whose password was shown, and return its token."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = clock.now()
    session.execute(
        delete(PendingSignIn).where(PendingSignIn.account_id == account_id, PendingSignIn.expires_at <= now)
    )
    pending = PendingSignIn(
        account_id=account_id,
        token_hash=queries.hash_token(token),
        created_at=now,
        expires_at=now + policies.PENDING,
    )
    session.add(pending)
    session.flush()
    return token


def what_is_owed(session: Session, pending: PendingSignIn) -> Owed | None:
    """Say what stands between a sign-in that has begun and the pages; None when nothing does."""
    account = queries.get_account(session, pending.account_id)
    has_factor = bool(queries.list_factor_kinds(session, account.id))
    if has_factor and pending.factor_at is None:
        return Owed.CODE
    rules = demands.password_rules(session, account)
    if policies.is_password_due(account, clock.now(), max_age_days=rules.max_age_days):
        return Owed.NEW_PASSWORD
    if not has_factor and demands.demands_second_factor(session, account):
        return Owed.FACTOR
    return None


def show_code(session: Session, pending: PendingSignIn, *, answer: str, caller: Caller) -> None:
    """Show the second factor or a recovery code.

    Raises WrongCode, SignInPaused; both keep the note of the attempt.
    """
    account = queries.get_account(session, pending.account_id)
    attempt = begin_attempt(session, caller, account.user_name, account)
    if not factors.check_answer(session, account, answer):
        note_attempt(session, attempt, AttemptOutcome.WRONG_CODE)
        raise WrongCode
    pending.factor_at = clock.now()
    session.flush()


def replace_password(session: Session, pending: PendingSignIn, *, new: str) -> None:
    """Set the new password that the door asks for; every open session of the account ends.

    Raises StepNotDue, WeakPassword, PasswordUsedBefore.
    """
    _require_owed(session, pending, Owed.NEW_PASSWORD)
    account = queries.get_account(session, pending.account_id, for_update=True)
    set_password(session, account, new)
    end_sessions(session, account.id, going_on=pending.id)


def begin_factor_at_door(session: Session, pending: PendingSignIn, kind: str) -> SetUp:
    """Begin to set up the second factor that a role demands.

    Raises StepNotDue, NotFound.
    """
    _require_owed(session, pending, Owed.FACTOR)
    return begin_factor(session, pending.account_id, kind)


def confirm_factor_at_door(session: Session, pending: PendingSignIn, kind: str, *, answer: str) -> tuple[str, ...]:
    """Finish setting it up; return the recovery codes, to be shown once.

    Raises StepNotDue, NotFound, WrongCode.
    """
    _require_owed(session, pending, Owed.FACTOR)
    drawn = confirm_factor(session, pending.account_id, kind, answer=answer, going_on=pending.id)
    pending.factor_at = clock.now()
    session.flush()
    return drawn


def enter(session: Session, pending: PendingSignIn, *, caller: Caller) -> Entry:
    """Open a browser session for somebody who owes nothing more; the sign-in is used up.

    Raises StepNotDue.
    """
    _require_owed(session, pending, None)
    account = queries.get_account(session, pending.account_id)
    now = clock.now()
    token = open_browser_session(session, account.id, browser=caller.browser, address=caller.address, confirmed_at=now)
    attempt = identify(session, caller, account.user_name, account)
    device_token = _know_device(session, attempt, account)
    note_attempt(session, attempt, AttemptOutcome.SIGNED_IN)
    account.last_signed_in_at = now
    account.dormancy_told_at = None
    session.delete(pending)
    session.flush()
    return Entry(token, device_token)


def confirm_identity(
    session: Session, account_id: UUID, browser_session_id: UUID, *, answer: str, caller: Caller
) -> str:
    """Take a fresh proof from somebody who is signed in: a code, or the password where no second factor is set up.

    Returns the new token of the browser session.
    Raises WrongCode, WrongCurrentPassword, SignInPaused; all keep the note of the attempt.
    """
    account = queries.get_account(session, account_id)
    attempt = begin_attempt(session, caller, account.user_name, account)
    if queries.list_factor_kinds(session, account.id):
        if not factors.check_answer(session, account, answer):
            note_attempt(session, attempt, AttemptOutcome.WRONG_CODE)
            raise WrongCode
    elif not passwords.verify(account.password_hash, answer):
        note_attempt(session, attempt, AttemptOutcome.WRONG_PASSWORD)
        raise WrongCurrentPassword
    note_own(session, account.id, "accounts.identity.confirmed", caller=caller)
    return renew_token(session, browser_session_id, confirmed_at=clock.now())


def _opens(account: Account) -> bool:
    """Say whether there is a password at all that could open it; where not, it answers as a name of nobody does."""
    return account.closed_at is None and not account.is_guest and account.password_hash != NO_PASSWORD


def _is_right(account: Account | None, password: str) -> bool:
    if account is None:
        passwords.verify_nobody(password)
        return False
    return passwords.verify(account.password_hash, password)


def _require_owed(session: Session, pending: PendingSignIn, owed: Owed | None) -> None:
    if what_is_owed(session, pending) is not owed:
        raise StepNotDue


def _know_device(session: Session, attempt: Attempt, account: Account) -> str | None:
    """Remember the browser; return the token for its cookie where it was not known before."""
    now = clock.now()
    if attempt.device is not None:
        attempt.device.seen_at = now
        return None
    is_first = not queries.has_devices(session, account.id)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    device = KnownDevice(
        account_id=account.id,
        token_hash=queries.hash_token(token),
        browser=attempt.caller.browser,
        created_at=now,
        seen_at=now,
    )
    session.add(device)
    session.flush()
    if not is_first:
        outbox.record(session, SignedInByNewDevice(account.id, device.id, attempt.caller.address, now))
    return token
