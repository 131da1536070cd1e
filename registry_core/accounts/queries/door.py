"""Reads at the door: known devices, failures, sign-ins that have begun; and what somebody sees of their own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.accounts.models import (
    Account,
    AttemptOutcome,
    BrowserSession,
    FormerPassword,
    KnownDevice,
    PendingSignIn,
    SignInAttempt,
)
from registry_core.accounts.policies import Failures
from registry_core.accounts.queries.signed_in import hash_token

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
