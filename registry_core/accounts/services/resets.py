"""A new password for who has lost the old one: by a code in a mail or short message, or by a letter given in person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.access.actors import Actor, require
from registry_core.accounts import codes, policies, queries
from registry_core.accounts.errors import WrongResetCode
from registry_core.accounts.events import LetterGiven, ResetRequested
from registry_core.accounts.models import Account, AttemptOutcome, KnownDevice, PasswordReset, ResetChannel
from registry_core.accounts.services.attempts import NOBODY, begin_attempt, note_attempt
from registry_core.accounts.services.callers import Caller
from registry_core.accounts.services.factors import drop_factors
from registry_core.accounts.services.passwords import set_password
from registry_core.accounts.services.sessions import end_sessions
from registry_core.accounts.services.trail import note_about, note_own
from registry_core.db import new_id

RESET = "password reset"
CODE_DIGITS = 8
LETTER_GROUPS = 4


@dataclass(frozen=True, slots=True)
class PasswordLetter:
    """What is printed: for whom, the code, and until when it opens."""

    account: Account
    code: str = field(repr=False)
    expires_at: datetime


def request_reset(session: Session, *, user_name: str, channel: ResetChannel) -> None:
    """Ask for a code. Whether the name belongs to anybody is found out later by the worker: here nothing differs."""
    outbox.record(session, ResetRequested(user_name, channel.value, new_id()))


def issue_code(session: Session, event: ResetRequested) -> tuple[Account, str] | None:
    """Draw the code that was asked for; None where nobody is to get one, or it was drawn before."""
    account = queries.find_account_by_name(session, event.user_name, for_update=True)
    channel = ResetChannel(event.channel)
    if account is None or account.closed_at is not None or account.is_guest or not _address(account, channel):
        return None
    now = clock.now()
    if session.get(PasswordReset, event.request_id) is not None:
        return None
    if queries.count_resets(session, account.id, since=now - timedelta(hours=1)) >= policies.CODES_AN_HOUR:
        return None
    code = codes.draw_digits(CODE_DIGITS)
    session.add(
        PasswordReset(
            id=event.request_id,
            account_id=account.id,
            channel=channel,
            code_hash=codes.hash_code(RESET, code),
            created_at=now,
            expires_at=now + policies.CODE_LIFE,
        )
    )
    session.flush()
    return account, code


def give_letter(session: Session, actor: Actor, account_id: UUID, *, drops_factor: bool) -> PasswordLetter:
    """Make a letter for somebody whose identity was checked in person; its code is returned once and never kept.

    The account must lie with all its roles below a unit of the actor. A letter before it loses its power.
    Raises Forbidden, PersonNotFound.
    """
    require(actor, policies.GIVE_LETTER)
    account = queries.get_account_below(session, actor, account_id, at=clock.now())
    now = clock.now()
    session.execute(
        update(PasswordReset)
        .where(
            PasswordReset.account_id == account.id,
            PasswordReset.channel == ResetChannel.LETTER,
            PasswordReset.ended_at.is_(None),
        )
        .values(ended_at=now)
    )
    code = codes.draw_groups(LETTER_GROUPS)
    letter = PasswordReset(
        account_id=account.id,
        channel=ResetChannel.LETTER,
        code_hash=codes.hash_code(RESET, code),
        drops_factor=drops_factor,
        given_by_id=actor.account_id,
        created_at=now,
        expires_at=now + policies.LETTER_LIFE,
    )
    session.add(letter)
    session.flush()
    note_about(session, actor, "accounts.letter.given", account.id)
    outbox.record(session, LetterGiven(account.id, actor.account_id, letter.id))
    return PasswordLetter(account, code, letter.expires_at)


def redeem(session: Session, *, user_name: str, code: str, new: str, caller: Caller) -> Account:
    """Set a new password with a code; every session ends and every browser is a stranger again.

    The code is used up only by a password that follows the rules. A letter also opens a sealed account.
    Raises WrongResetCode, SignInPaused (both keep the note of the attempt), WeakPassword, PasswordUsedBefore.
    """
    account = queries.find_account_by_name(session, user_name, for_update=True)
    attempt = begin_attempt(session, caller, user_name, account)
    code_hash = codes.hash_code(RESET, code)
    open_resets = queries.list_open_resets(session, account.id if account else NOBODY, at=clock.now())
    fitting = next((one for one in open_resets if one.code_hash == code_hash), None)
    if account is None or account.closed_at is not None or fitting is None:
        _count_try(open_resets)
        note_attempt(session, attempt, AttemptOutcome.WRONG_CODE)
        raise WrongResetCode
    set_password(session, account, new)
    fitting.used_at = fitting.ended_at = clock.now()
    if fitting.channel is ResetChannel.LETTER:
        _reopen(session, account, caller)
    if fitting.drops_factor:
        drop_factors(session, account)
    end_sessions(session, account.id)
    session.execute(delete(KnownDevice).where(KnownDevice.account_id == account.id))
    return account


def _reopen(session: Session, account: Account, caller: Caller) -> None:
    if account.sealed_at is not None:
        note_own(session, account.id, "accounts.reopened", caller=caller)
    account.sealed_at = account.dormancy_told_at = None
    # What it rests from now on is counted anew.
    account.last_signed_in_at = clock.now()


def _address(account: Account, channel: ResetChannel) -> str | None:
    return account.mobile if channel is ResetChannel.SMS else account.email


def _count_try(open_resets: list[PasswordReset]) -> None:
    """Count a wrong code against the short ones; a letter's cannot be guessed, and guessers shall not spoil it."""
    for reset in open_resets:
        if reset.channel is not ResetChannel.LETTER:
            reset.tries += 1
            if reset.tries >= policies.CODE_TRIES:
                reset.ended_at = clock.now()
