"""Passwords that were lent after all: on record, changed by force after use, reported where they were not.

Source: operation rules (file 003 annex 2), art. 7.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.access.actors import Actor
from registry_core.accounts.models import Account
from registry_core.accounts.queries import get_account
from registry_core.accounts.services.sessions import end_sessions
from registry_core.audit.services import note
from registry_core.audit.values import Subject
from registry_core.people import policies
from registry_core.people.errors import LoanTooLong, NotWhileActing
from registry_core.people.events import LentPasswordKept, PasswordLent
from registry_core.people.models import LentPassword

BATCH = 100


def register_lent_password(
    session: Session, actor: Actor, *, lent_to: str, purpose: str, valid_until: datetime
) -> LentPassword:
    """Put on record to whom the actor has lent the own password, and until when; the administrators are told.

    Raises NotWhileActing, LoanTooLong.
    """
    if actor.on_behalf_of is not None:
        raise NotWhileActing
    now = clock.now()
    if not now < valid_until <= now + policies.LONGEST_LOAN:
        raise LoanTooLong
    lent = LentPassword(
        account_id=actor.account_id, lent_to=lent_to, purpose=purpose, registered_at=now, valid_until=valid_until
    )
    session.add(lent)
    session.flush()
    note(session, actor, "people.password.lent", about=Subject("account", actor.account_id))
    outbox.record(session, PasswordLent(lent.id))
    return lent


def force_change(session: Session) -> int:
    """Where the time is up, sign every browser out and ask for a new password at the door; say how often.

    Who has changed it meanwhile is left in peace.
    """
    now = clock.now()
    due = session.scalars(
        select(LentPassword)
        .where(LentPassword.forced_at.is_(None), LentPassword.valid_until <= now)
        .order_by(LentPassword.valid_until)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for lent in due:
        lent.forced_at = now
        account = get_account(session, lent.account_id, for_update=True)
        if account.password_changed_at >= lent.valid_until:
            continue
        account.must_change_password = True
        end_sessions(session, account.id)
        note(session, None, "people.password.forced", about=Subject("account", account.id))
    session.flush()
    return len(due)


def report_kept(session: Session) -> int:
    """Report the lent passwords that were still not changed some days after their use; say how many."""
    now = clock.now()
    kept = session.scalars(
        select(LentPassword)
        .join(Account, Account.id == LentPassword.account_id)
        .where(
            LentPassword.forced_at.is_not(None),
            LentPassword.reported_at.is_(None),
            LentPassword.valid_until <= now - policies.PASSWORD_CHANGE_GRACE,
            Account.password_changed_at < LentPassword.valid_until,
        )
        .limit(BATCH)
        .with_for_update(of=LentPassword, skip_locked=True)
    ).all()
    for lent in kept:
        lent.reported_at = now
        note(session, None, "people.password.kept", about=Subject("account", lent.account_id))
        outbox.record(session, LentPasswordKept(lent.id))
    session.flush()
    return len(kept)
