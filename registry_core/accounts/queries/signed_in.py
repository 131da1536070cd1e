"""Reads about accounts and signed-in browsers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    DateTime,
    Row,
    String,
    and_,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, Assignment, Qualified
from registry_core.access.models import Qualification, QualificationKind, RoleAssignment
from registry_core.access.queries import ASSIGNMENT, held_at, in_force
from registry_core.accounts.models import (
    Account,
    BrowserSession,
)
from registry_core.db import run
from registry_core.errors import NotFound
from registry_core.orgs.models import Level, OrgUnit


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody signed in by one browser session, with the roles held at the moment of asking."""

    browser_session_id: UUID
    actor: Actor
    name: str
    locale: str
    seen_at: datetime
    acting_under_id: UUID | None = None
    """The lent role that this browser has switched on; whether it is in force is asked anew at each request."""


def hash_token(token: str) -> str:
    """Hash the token of a cookie; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_live(at: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Limit browser sessions (joined to their accounts) to those that still open the door."""
    return and_(BrowserSession.ended_at.is_(None), BrowserSession.expires_at > at, Account.closed_at.is_(None))


_AT = bindparam("at", type_=DateTime(timezone=True))
# Each as kind:level, in one column: joined as rows they would multiply the roles.
_qualifications = (
    select(func.array_agg(func.concat(Qualification.kind, ":", Qualification.level)))
    .where(Qualification.account_id == Account.id, in_force(_AT))
    .correlate(Account)
    .scalar_subquery()
)
# Built once: every request and every socket command asks this.
_LIVE = (
    select(
        BrowserSession.id,
        BrowserSession.seen_at,
        Account.id,
        Account.name,
        Account.locale,
        *ASSIGNMENT,
        _qualifications.label("qualifications"),
        BrowserSession.token_hash,
        BrowserSession.acting_under_id,
    )
    .join(Account, Account.id == BrowserSession.account_id)
    .outerjoin(RoleAssignment, and_(RoleAssignment.account_id == Account.id, held_at(_AT)))
    .outerjoin(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
    .where(is_live(_AT))
    .order_by(OrgUnit.path, RoleAssignment.role)
)
_SIGNED_IN = _LIVE.where(BrowserSession.token_hash == bindparam("token_hash", type_=String))
_ALL_SIGNED_IN = _LIVE.where(BrowserSession.token_hash == any_(bindparam("token_hashes", type_=ARRAY(String))))


def find_signed_in(session: Session, token: str, *, at: datetime) -> SignedIn | None:
    """Load who is signed in by a token, in one round trip."""
    rows = run(session, _SIGNED_IN, {"token_hash": hash_token(token), "at": at}).all()
    return _signed_in(rows) if rows else None


def find_all_signed_in(session: Session, tokens: Iterable[str], *, at: datetime) -> dict[str, SignedIn]:
    """Load who is signed in by each of many tokens, in one round trip; a token that opens nothing is left out."""
    by_hash = {hash_token(token): token for token in tokens}
    rows: dict[str, list[Row[*tuple[Any, ...]]]] = {}
    for row in run(session, _ALL_SIGNED_IN, {"token_hashes": list(by_hash), "at": at}):
        rows.setdefault(by_hash[row.token_hash], []).append(row)
    return {token: _signed_in(of_token) for token, of_token in rows.items()}


def _signed_in(rows: Sequence[Row[*tuple[Any, ...]]]) -> SignedIn:
    first = rows[0]
    browser_session_id, seen_at, account_id, name, locale = first[:5]
    # An account without any role comes as one row without a unit.
    assignments = tuple(Assignment(*row[5:10]) for row in rows if row.path)
    qualifications = frozenset(_qualified(one) for one in first.qualifications or ())
    actor = Actor(account_id, assignments, qualifications)
    return SignedIn(browser_session_id, actor, name, locale, seen_at, first.acting_under_id)


def _qualified(text: str) -> Qualified:
    kind, _colon, level = text.partition(":")
    return Qualified(QualificationKind(kind), Level(level) if level else None)


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
