"""Setting a new password: by its owner, at the door, or with the code of a reset."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.access.actors import Actor
from registry_core.accounts import demands, passwords, policies, queries
from registry_core.accounts.errors import PasswordUsedBefore, WeakPassword, WrongCurrentPassword
from registry_core.accounts.events import PasswordChanged
from registry_core.accounts.models import Account, FormerPassword
from registry_core.accounts.services.sessions import end_sessions
from registry_core.accounts.services.trail import note_own
from registry_core.rules.topics.people import PasswordRules


def change_password(session: Session, actor: Actor, *, current: str, new: str, keep: UUID | None = None) -> None:
    """Set a new password and end every browser session but the one to `keep`.

    Raises WrongCurrentPassword, WeakPassword, PasswordUsedBefore.
    """
    account = queries.get_account(session, actor.account_id, for_update=True)
    if not passwords.verify(account.password_hash, current):
        raise WrongCurrentPassword
    set_password(session, account, new)
    end_sessions(session, account.id, keep=keep)


def set_password(session: Session, account: Account, new: str) -> None:
    """Give an account, whose row is locked, a new password that follows its rules and was not in use before.

    Raises WeakPassword, PasswordUsedBefore.
    """
    rules = demands.password_rules(session, account)
    require_strong(rules, new, account.user_name)
    _require_new(session, account, new, rules)
    now = clock.now()
    session.add(FormerPassword(account_id=account.id, password_hash=account.password_hash, replaced_at=now))
    account.password_hash = passwords.hash_password(new)
    account.password_changed_at = now
    account.must_change_password = False
    account.one_time_until = None
    session.flush()
    _forget_older(session, account.id, keep=rules.remembered)
    note_own(session, account.id, "accounts.password.changed")
    outbox.record(session, PasswordChanged(account.id, now))


def set_one_time_password(session: Session, account: Account, password: str, *, until: datetime) -> None:
    """Let an account, whose row is locked, in once with a password that was drawn for it and has to be changed then."""
    account.password_hash = passwords.hash_password(password)
    account.password_changed_at = clock.now()
    account.must_change_password = True
    account.one_time_until = until
    session.flush()


def require_strong(rules: PasswordRules, password: str, user_name: str) -> None:
    """Refuse a password that breaks a rule.

    Raises WeakPassword.
    """
    fault = policies.password_fault(password, user_name, min_length=rules.min_length)
    if fault is not None:
        raise WeakPassword(fault)


def _require_new(session: Session, account: Account, new: str, rules: PasswordRules) -> None:
    former = queries.list_former_passwords(session, account.id, limit=rules.remembered)
    if any(passwords.verify(known, new) for known in (account.password_hash, *former)):
        raise PasswordUsedBefore(count=max(rules.remembered, 1))


def _forget_older(session: Session, account_id: UUID, *, keep: int) -> None:
    kept = (
        select(FormerPassword.id)
        .where(FormerPassword.account_id == account_id)
        .order_by(FormerPassword.replaced_at.desc(), FormerPassword.id.desc())
        .limit(keep)
    )
    session.execute(
        delete(FormerPassword).where(FormerPassword.account_id == account_id, FormerPassword.id.not_in(kept))
    )
