"""Reads about accounts and signed-in browsers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    or_,
    select,
)
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, Assignment, Qualified, visible_units
from registry_core.access.models import Qualification, QualificationKind, RoleAssignment
from registry_core.access.queries import ASSIGNMENT, held_at, in_force, load_actor
from registry_core.accounts.errors import PersonNotFound
from registry_core.accounts.models import (
    Account,
    AttemptOutcome,
    BrowserSession,
    FormerPassword,
    KnownDevice,
    PasswordReset,
    PendingSignIn,
    RecoveryCode,
    ResetChannel,
    SecondFactor,
    SignInAttempt,
)
from registry_core.accounts.policies import GIVE_LETTER, Failures
from registry_core.db import run
from registry_core.errors import NotFound
from registry_core.orgs.models import Level, OrgUnit, is_within, lineage


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
    return SignedIn(browser_session_id, Actor(account_id, assignments, qualifications), name, locale, seen_at)


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


# ── at the door ───────────────────────────────────────────────────────────────────────────────────────────────────────

MOST_FOUND = 20
STRANGER = "address:"
"""How the source of an attempt begins that came from no known device."""

_FAILED = (AttemptOutcome.WRONG_PASSWORD, AttemptOutcome.WRONG_CODE)


def find_device(session: Session, account_id: UUID, tokens: Iterable[str]) -> KnownDevice | None:
    """Find the known device of an account among the tokens that a browser carries."""
    hashes = [hash_token(token) for token in tokens]
    return session.scalar(
        select(KnownDevice).where(KnownDevice.account_id == account_id, KnownDevice.token_hash.in_(hashes))
    )


def has_devices(session: Session, account_id: UUID) -> bool:
    """Say whether an account has signed in by any browser that is still known."""
    return session.scalar(select(KnownDevice.id).where(KnownDevice.account_id == account_id).limit(1)) is not None


def count_failures(session: Session, name_key: str, source: str, *, at: datetime, within: timedelta) -> Failures:
    """Count the failures at a name: of a source since it last got in, and of all strangers."""
    recent = SignInAttempt.at > at - within
    last_success = (
        select(func.max(SignInAttempt.at))
        .where(
            SignInAttempt.name_key == name_key,
            SignInAttempt.source == source,
            SignInAttempt.outcome == AttemptOutcome.SIGNED_IN,
        )
        .scalar_subquery()
    )
    since_success = or_(last_success.is_(None), SignInAttempt.at > last_success)
    strange = SignInAttempt.source.startswith(STRANGER)
    row = session.execute(
        select(
            func.count().filter(recent, SignInAttempt.source == source, since_success),
            func.count().filter(recent, strange),
            func.count().filter(strange, SignInAttempt.outcome == AttemptOutcome.WRONG_CODE),
        ).where(
            SignInAttempt.name_key == name_key,
            SignInAttempt.at > at - timedelta(days=1),
            SignInAttempt.outcome.in_(_FAILED),
        )
    ).one()
    return Failures(*row)


def find_pending(session: Session, token: str, *, at: datetime) -> PendingSignIn | None:
    """Find the sign-in that a token has begun."""
    return session.scalar(
        select(PendingSignIn)
        .join(Account, Account.id == PendingSignIn.account_id)
        .where(
            PendingSignIn.token_hash == hash_token(token),
            PendingSignIn.expires_at > at,
            Account.closed_at.is_(None),
            Account.sealed_at.is_(None),
        )
        .with_for_update(of=PendingSignIn)
    )


def list_former_passwords(session: Session, account_id: UUID, *, limit: int) -> list[str]:
    """List the hashes of the passwords that an account had before, latest first."""
    return list(
        session.scalars(
            select(FormerPassword.password_hash)
            .where(FormerPassword.account_id == account_id)
            .order_by(FormerPassword.replaced_at.desc(), FormerPassword.id.desc())
            .limit(limit)
        )
    )


# ── second factors ────────────────────────────────────────────────────────────────────────────────────────────────────


def find_factor(session: Session, account_id: UUID, kind: str, *, for_update: bool = False) -> SecondFactor | None:
    """Find a second factor of an account, confirmed or still being set up."""
    query = select(SecondFactor).where(SecondFactor.account_id == account_id, SecondFactor.kind == kind)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True) if for_update else query)


def list_factor_kinds(session: Session, account_id: UUID) -> frozenset[str]:
    """Name the kinds of second factor that an account has confirmed."""
    return frozenset(
        session.scalars(
            select(SecondFactor.kind).where(
                SecondFactor.account_id == account_id, SecondFactor.confirmed_at.is_not(None)
            )
        )
    )


def find_recovery_code(session: Session, account_id: UUID, code_hash: str) -> RecoveryCode | None:
    """Find an unused recovery code, locked."""
    return session.scalar(
        select(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id, RecoveryCode.code_hash == code_hash, RecoveryCode.used_at.is_(None)
        )
        .with_for_update()
    )


def count_recovery_codes(session: Session, account_id: UUID) -> int:
    """Count the recovery codes that are left."""
    return session.scalars(
        select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    ).one()


# ── resets ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def count_resets(session: Session, account_id: UUID, *, since: datetime) -> int:
    """Count the codes that were sent for an account since an instant."""
    return session.scalars(
        select(func.count()).where(
            PasswordReset.account_id == account_id,
            PasswordReset.channel != ResetChannel.LETTER,
            PasswordReset.created_at > since,
        )
    ).one()


def list_open_resets(session: Session, account_id: UUID, *, at: datetime) -> list[PasswordReset]:
    """List the codes with which an account can get a new password now."""
    return list(
        session.scalars(
            select(PasswordReset).where(
                PasswordReset.account_id == account_id,
                PasswordReset.ended_at.is_(None),
                PasswordReset.expires_at > at,
            )
        )
    )


@dataclass(frozen=True, slots=True)
class PersonBelow:
    """Somebody at a unit below the actor's."""

    account_id: UUID
    name: str
    user_name: str
    unit_name: str
    is_sealed: bool


def search_people_below(session: Session, actor: Actor, words: str, *, at: datetime) -> list[PersonBelow]:
    """Search people at the units below the actor's by part of their name or by their user name."""
    scope = visible_units(actor, GIVE_LETTER)
    rows = session.execute(
        select(Account.id, Account.name, Account.user_name, func.min(OrgUnit.name), Account.sealed_at)
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(
            held_at(at),
            scope.clause(OrgUnit.path),
            OrgUnit.path.not_in(scope.paths),
            Account.closed_at.is_(None),
            or_(Account.name.contains(words, autoescape=True), func.lower(Account.user_name) == words.lower()),
        )
        .group_by(Account.id)
        .order_by(Account.name, Account.id)
        .limit(MOST_FOUND)
    )
    return [PersonBelow(*row[:4], is_sealed=row[4] is not None) for row in rows]


def get_account_below(session: Session, actor: Actor, account_id: UUID, *, at: datetime) -> Account:
    """Load an account all of whose roles lie below units of the actor: who also works elsewhere is not the actor's.

    Raises PersonNotFound.
    """
    tops = visible_units(actor, GIVE_LETTER).paths
    held = load_actor(session, account_id, at=at).assignments
    if not held or not all(any(is_below(one.unit_path, top) for top in tops) for one in held):
        raise PersonNotFound
    return get_account(session, account_id, for_update=True)


def is_below(path: str, top: str) -> bool:
    """Say whether a unit lies below another one and is not that one."""
    return path != top and is_within(path, top)


def find_unit_above(session: Session, account_id: UUID, *, at: datetime) -> str | None:
    """Name the unit above the one that an account works at."""
    home = load_actor(session, account_id, at=at).home
    if home is None:
        return None
    way = lineage(home.unit_path)
    return session.scalar(select(OrgUnit.name).where(OrgUnit.path == way[-2])) if len(way) > 1 else None


# ── my account ────────────────────────────────────────────────────────────────────────────────────────────────────────


def list_own_sessions(session: Session, actor: Actor, *, at: datetime) -> list[BrowserSession]:
    """List where the actor is signed in, latest used first."""
    query = select(BrowserSession).where(
        BrowserSession.account_id == actor.account_id, BrowserSession.ended_at.is_(None), BrowserSession.expires_at > at
    )
    return list(session.scalars(query.order_by(BrowserSession.seen_at.desc(), BrowserSession.id)))


def list_own_attempts(session: Session, actor: Actor, *, limit: int = 50) -> list[SignInAttempt]:
    """List the attempts to sign in as the actor that are still kept, latest first."""
    query = select(SignInAttempt).where(SignInAttempt.account_id == actor.account_id)
    return list(session.scalars(query.order_by(SignInAttempt.at.desc(), SignInAttempt.id.desc()).limit(limit)))


# ── dormancy ──────────────────────────────────────────────────────────────────────────────────────────────────────────

SHORTEST_REST = timedelta(days=1)


def list_resting(session: Session, *, at: datetime, limit: int) -> list[Account]:
    """Lock accounts that nobody has signed in to for a while and that were not looked at today."""
    day_before = at - SHORTEST_REST
    return list(
        session.scalars(
            select(Account)
            .where(
                Account.sealed_at.is_(None),
                Account.closed_at.is_(None),
                Account.is_guest.is_(False),
                func.coalesce(Account.last_signed_in_at, Account.created_at) < day_before,
                or_(Account.dormancy_checked_at.is_(None), Account.dormancy_checked_at <= day_before),
            )
            .order_by(Account.dormancy_checked_at.asc().nulls_first(), Account.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def last_used_at(session: Session, account: Account) -> datetime:
    """Say when an account was last used: a browser that is used every day is never signed in anew."""
    seen = session.scalar(select(func.max(BrowserSession.seen_at)).where(BrowserSession.account_id == account.id))
    return max(known for known in (account.created_at, account.last_signed_in_at, seen) if known)
