"""Accounts that nobody uses: told beforehand, then sealed until the level above reopens them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.accounts import demands, policies, queries
from registry_core.accounts.events import DormancyNear
from registry_core.accounts.models import Account
from registry_core.accounts.services.sessions import end_sessions
from registry_core.accounts.services.trail import note_about

AT_ONCE = 100
"""Accounts looked at in one tick; their rows stay locked until its end."""


def seal_dormant(session: Session) -> bool:
    """Look at accounts that have rested, each once a day: tell, later seal. Says whether more may be waiting."""
    now = clock.now()
    resting = queries.list_resting(session, at=now, limit=AT_ONCE)
    for account in resting:
        account.dormancy_checked_at = now
        _look_at(session, account, now)
    session.flush()
    return len(resting) == AT_ONCE


def _look_at(session: Session, account: Account, now: datetime) -> None:
    days = demands.password_rules(session, account).dormant_after_days
    dormant_at = queries.last_used_at(session, account) + timedelta(days=days)
    if now < dormant_at - policies.DORMANCY_NOTICE:
        account.dormancy_told_at = None
    elif account.dormancy_told_at is None:
        account.dormancy_told_at = now
        # Whoever was not told in time, because the house stood still, gets the whole notice all the same.
        seals_at = max(dormant_at, now + policies.DORMANCY_NOTICE)
        outbox.record(session, DormancyNear(account.id, seals_at))
    elif now >= max(dormant_at, account.dormancy_told_at + policies.DORMANCY_NOTICE):
        account.sealed_at = now
        note_about(session, None, "accounts.sealed", account.id)
        end_sessions(session, account.id)
