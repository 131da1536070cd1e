"""Signing in and out, changing a password, choosing a language, making an account."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from registry_core import clock, live
from registry_core.access.actors import Actor
from registry_core.accounts import passwords, policies, queries
from registry_core.accounts.errors import (
    SignInPaused,
    UserNameTaken,
    WeakPassword,
    WrongCurrentPassword,
    WrongPassword,
)
from registry_core.accounts.models import Account, BrowserSession
from registry_core.sockets import SIGNED_OUT, browser_room

TOKEN_BYTES = 32
SEEN_EVERY = timedelta(minutes=5)


def create_account(
    session: Session, *, user_name: str, name: str, password: str, email: str | None = None, mobile: str | None = None
) -> Account:
    """Make an account without any role yet.

    Raises UserNameTaken, WeakPassword.
    """
    if queries.find_account_by_name(session, user_name) is not None:
        raise UserNameTaken
    _require_strong(password, user_name)
    now = clock.now()
    account = Account(
        user_name=user_name,
        name=name,
        email=email,
        mobile=mobile,
        password_hash=passwords.hash_password(password),
        password_changed_at=now,
        created_at=now,
    )
    session.add(account)
    session.flush()
    return account


def sign_in(session: Session, *, user_name: str, password: str, browser: str = "") -> str:
    """Check a password, open a browser session and return its token, which only the cookie will know.

    The row of the account is locked meanwhile: attempts at one account are counted one after the other.
    Raises WrongPassword, SignInPaused; both keep the count that they wrote.
    """
    account = queries.find_account_by_name(session, user_name, for_update=True)
    if account is None or account.closed_at is not None:
        passwords.verify_nobody(password)
        raise WrongPassword
    if policies.is_locked(account, clock.now()):
        passwords.verify_nobody(password)
        raise SignInPaused
    if not passwords.verify(account.password_hash, password):
        _count_failure(session, account)
        raise WrongPassword
    account.failed_attempts = 0
    account.locked_until = None
    if passwords.is_outdated(account.password_hash):
        account.password_hash = passwords.hash_password(password)
    return open_browser_session(session, account.id, browser=browser)


def open_browser_session(session: Session, account_id: UUID, *, browser: str = "") -> str:
    """Open a browser session for an account and return its token."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = clock.now()
    session.add(
        BrowserSession(
            account_id=account_id,
            token_hash=queries.hash_token(token),
            created_at=now,
            seen_at=now,
            expires_at=now + policies.IDLE,
            browser=browser,
        )
    )
    session.flush()
    return token


def note_seen(session: Session, signed_in: queries.SignedIn) -> None:
    """Let a browser session live on while it is used; written every few minutes only."""
    now = clock.now()
    if now - signed_in.seen_at < SEEN_EVERY:
        return
    session.execute(
        update(BrowserSession)
        .where(BrowserSession.id == signed_in.browser_session_id)
        .values(seen_at=now, expires_at=now + policies.IDLE)
    )


def sign_out(session: Session, browser_session_id: UUID) -> None:
    """End one browser session; its pages are told."""
    _end(session, [session.get_one(BrowserSession, browser_session_id)])


def change_password(session: Session, actor: Actor, *, current: str, new: str, keep: UUID | None = None) -> None:
    """Set a new password and end every browser session but the one to `keep`.

    Raises WrongCurrentPassword, WeakPassword.
    """
    account = queries.get_account(session, actor.account_id, for_update=True)
    if not passwords.verify(account.password_hash, current):
        raise WrongCurrentPassword
    _require_strong(new, account.user_name)
    account.password_hash = passwords.hash_password(new)
    account.password_changed_at = clock.now()
    others = queries.list_open_sessions(session, account.id)
    _end(session, [browser for browser in others if browser.id != keep])


def choose_locale(session: Session, actor: Actor, locale: str) -> None:
    """Keep the language in which a person wants to be addressed."""
    queries.get_account(session, actor.account_id).locale = locale


def close_account(session: Session, account_id: UUID) -> None:
    """Close an account for good and end its browser sessions; what the person did stays on record."""
    account = queries.get_account(session, account_id, for_update=True)
    account.closed_at = clock.now()
    _end(session, queries.list_open_sessions(session, account_id))


def _require_strong(password: str, user_name: str) -> None:
    fault = policies.password_fault(password, user_name)
    if fault is not None:
        raise WeakPassword(fault)


def _count_failure(session: Session, account: Account) -> None:
    account.failed_attempts += 1
    if account.failed_attempts >= policies.FAILURES_BEFORE_LOCK:
        account.failed_attempts = 0
        account.locked_until = clock.now() + policies.LOCK
    session.flush()


def _end(session: Session, browser_sessions: list[BrowserSession]) -> None:
    for browser in browser_sessions:
        browser.ended_at = clock.now()
        live.push(session, browser_room(browser.id), SIGNED_OUT)
    session.flush()
