"""Spelling names that were written past the model: loads in bulk, and accounts older than the search by pinyin."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from registry_core.accounts.models import Account
from registry_core.accounts.spelling import spell

AT_ONCE = 2_000


def spell_names(session: Session, *, at_once: int = AT_ONCE) -> bool:
    """Spell names that nobody has spelled yet; say whether there are more. Rows that somebody holds wait."""
    accounts = session.scalars(
        select(Account)
        .where(Account.name_keys == text("'{}'"))
        .order_by(Account.id)
        .limit(at_once)
        .with_for_update(skip_locked=True)
    ).all()
    for account in accounts:
        account.name_keys = list(spell(account.name))
    session.flush()
    return len(accounts) == at_once
