"""Reads about accounts and signed-in browsers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, DateTime, String, and_, bindparam, func, select
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, Assignment
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account, BrowserSession
from registry_core.db import run
from registry_core.errors import NotFound
from registry_core.orgs.models import OrgUnit


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody signed in by one browser session, with the roles held at the moment of asking."""

    browser_session_id: UUID
    actor: Actor
    name: str
    locale: str
    seen_at: datetime


def hash_token(token: str) -> str:
    """Hash the token of a cookie; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_live(at: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Limit browser sessions (joined to their accounts) to those that still open the door."""
    return and_(BrowserSession.ended_at.is_(None), BrowserSession.expires_at > at, Account.closed_at.is_(None))


_AT = bindparam("at", type_=DateTime(timezone=True))
# Built once: every request and every socket command asks this.
_SIGNED_IN = (
    select(
        BrowserSession.id,
        BrowserSession.seen_at,
        Account.id,
        Account.name,
        Account.locale,
        RoleAssignment.role,
        OrgUnit.id,
        OrgUnit.path.label("path"),
        OrgUnit.level,
    )
    .join(Account, Account.id == BrowserSession.account_id)
    .outerjoin(RoleAssignment, and_(RoleAssignment.account_id == Account.id, held_at(_AT)))
    .outerjoin(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
    .where(BrowserSession.token_hash == bindparam("token_hash", type_=String), is_live(_AT))
    .order_by(OrgUnit.path, RoleAssignment.role)
)


def find_signed_in(session: Session, token: str, *, at: datetime) -> SignedIn | None:
    """Load who is signed in by a token, in one round trip."""
    rows = run(session, _SIGNED_IN, {"token_hash": hash_token(token), "at": at}).all()
    if not rows:
        return None
    browser_session_id, seen_at, account_id, name, locale = rows[0][:5]
    # An account without any role comes as one row without a unit.
    assignments = tuple(Assignment(*row[5:]) for row in rows if row.path)
    return SignedIn(browser_session_id, Actor(account_id, assignments), name, locale, seen_at)


def list_live_sessions(session: Session, browser_session_ids: Iterable[UUID], *, at: datetime) -> frozenset[UUID]:
    """Name those of the browser sessions that still open the door."""
    wanted = list(browser_session_ids)
    found = session.scalars(
        select(BrowserSession.id)
        .join(Account, Account.id == BrowserSession.account_id)
        .where(BrowserSession.id.in_(wanted), is_live(at))
    )
    return frozenset(found)


def find_account_by_name(session: Session, user_name: str, *, for_update: bool = False) -> Account | None:
    """Find an account by its user name, whatever the case of the letters."""
    query = select(Account).where(func.lower(Account.user_name) == user_name.lower())
    return session.scalar(query.with_for_update() if for_update else query)


def get_account(session: Session, account_id: UUID, *, for_update: bool = False) -> Account:
    """Load an account.

    Raises NotFound.
    """
    account = session.get(Account, account_id, with_for_update=for_update)
    if account is None:
        raise NotFound
    return account


def list_open_sessions(session: Session, account_id: UUID) -> list[BrowserSession]:
    """List the browser sessions of an account that have not been ended."""
    query = select(BrowserSession).where(BrowserSession.account_id == account_id, BrowserSession.ended_at.is_(None))
    return list(session.scalars(query))
