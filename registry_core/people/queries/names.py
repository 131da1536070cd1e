"""User names that are still free."""

from __future__ import annotations

import re

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry_core.accounts.models import Account

SHORTEST = 3
LONGEST = 40


def propose_user_name(session: Session, email: str) -> str:
    """Propose a free user name from what stands before the @ of an address; empty where nothing can be made of it."""
    stem = re.sub(r"[^a-z0-9._-]", "", email.partition("@")[0].lower()).strip("._-")[:LONGEST]
    if len(stem) < SHORTEST:
        return ""
    lower = func.lower(Account.user_name)
    taken = set(session.scalars(select(lower).where(lower.startswith(stem, autoescape=True))))
    numbered = (f"{stem}{number}" for number in range(2, len(taken) + 3))
    return next(name for name in (stem, *numbered) if name not in taken)
