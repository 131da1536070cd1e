"""What the clock does for who is away; each is one transaction of the worker."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry_core.away.services import subscriptions, telling

LOOK_FOR_NEWS_EVERY_SECONDS = 5.0
LOOK_OUT_EVERY_SECONDS = 2.0
CLEAR_OUT_EVERY_SECONDS = 3600.0


def look_for_news(session: Session, _presence: object) -> None:
    """Find out for whom something has come."""
    telling.look_for_news(session)


def look_out(session: Session, presence: telling.Presence) -> bool:
    """Tell those whose time has come."""
    return telling.look_out(session, presence)


def clear_out(session: Session, _presence: object) -> None:
    """Forget browsers that are signed out, and what was told long ago."""
    subscriptions.forget_ended(session)
    telling.forget_told(session)
