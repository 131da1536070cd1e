"""Signed-in browsers: opened at the door, kept alive by use, ended one by one or together."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, true, update
from sqlalchemy.orm import Session

from registry_core import clock, live
from registry_core.access.actors import Actor
from registry_core.accounts import policies, queries
from registry_core.accounts.errors import SessionNotFound, StepUpNeeded
from registry_core.accounts.models import BrowserSession, PendingSignIn
from registry_core.accounts.services.trail import note_own
from registry_core.sockets import SIGNED_OUT, browser_room

TOKEN_BYTES = 32
SEEN_EVERY = timedelta(minutes=5)


def open_browser_session(
    session: Session, account_id: UUID, *, browser: str = "", address: str = "", confirmed_at: datetime | None = None
) -> str:
    """Open a browser session for an account and return its token, which only the cookie will know."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = clock.now()
    session.add(
        BrowserSession(
            account_id=account_id,
            token_hash=queries.hash_token(token),
            created_at=now,
            seen_at=now,
            expires_at=now + policies.IDLE,
            confirmed_at=confirmed_at,
            browser=browser,
            address=address,
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
    browser = session.get_one(BrowserSession, browser_session_id)
    note_own(session, browser.account_id, "accounts.signed_out")
    _end(session, [browser])


def end_own_session(session: Session, actor: Actor, browser_session_id: UUID) -> None:
    """End one of the actor's own browser sessions.

    Raises SessionNotFound.
    """
    mine = queries.list_open_sessions(session, actor.account_id)
    wanted = [browser for browser in mine if browser.id == browser_session_id]
    if not wanted:
        raise SessionNotFound
    _end(session, wanted)


def end_sessions(session: Session, account_id: UUID, *, keep: UUID | None = None, going_on: UUID | None = None) -> None:
    """End every browser session of an account but the one to `keep`.

    Sign-ins that have begun end too, but the one that is `going_on`: the password that began them may be the old one.
    """
    others = PendingSignIn.id != going_on if going_on else true()
    session.execute(delete(PendingSignIn).where(PendingSignIn.account_id == account_id, others))
    _end(session, (browser for browser in queries.list_open_sessions(session, account_id) if browser.id != keep))


def renew_token(session: Session, browser_session_id: UUID, *, confirmed_at: datetime) -> str:
    """Give a browser session a new token together with the proof: an older cookie gains nothing by it."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    browser = session.get_one(BrowserSession, browser_session_id, with_for_update=True)
    browser.token_hash = queries.hash_token(token)
    browser.confirmed_at = confirmed_at
    session.flush()
    return token


def require_step_up(browser: BrowserSession, at: datetime) -> None:
    """Refuse an act of weight to a browser whose person has not proved who they are within the last ten minutes.

    Raises StepUpNeeded.
    """
    if not policies.is_confirmed(browser, at):
        raise StepUpNeeded


def require_recent_proof(session: Session, browser_session_id: UUID) -> None:
    """Ask `require_step_up` of a browser session by its id: what the gate calls for a right with `step_up`.

    Raises StepUpNeeded.
    """
    require_step_up(session.get_one(BrowserSession, browser_session_id), clock.now())


def _end(session: Session, browser_sessions: Iterable[BrowserSession]) -> None:
    for browser in browser_sessions:
        browser.ended_at = clock.now()
        live.push(session, browser_room(browser.id), SIGNED_OUT)
    session.flush()
