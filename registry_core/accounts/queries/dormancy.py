"""Reads about accounts that rest."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from registry_core.accounts.models import (
    Account,
    BrowserSession,
)

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
