"""What the clock does for the help desk; each is one transaction of the worker."""

from __future__ import annotations

from sqlalchemy.orm import Session

from chat.presence import Presence
from helpdesk.services import duty, waiting

RING_OUT_EVERY_SECONDS = 0.5
NOTICE_GONE_EVERY_SECONDS = 1.0
OFFER_WAITING_EVERY_SECONDS = 3.0
RELEASE_DEPARTED_EVERY_SECONDS = 15.0


def ring_out(session: Session, presence: Presence) -> None:
    """End offers whose time is over."""
    duty.ring_out(session, presence)


def notice_gone(session: Session, presence: Presence) -> None:
    """Take back offers of people who are gone."""
    duty.withdraw_unavailable(session, presence)


def release_departed(session: Session, presence: Presence) -> None:
    """Search anew for what those have in hand whose role has ended."""
    duty.release_departed(session, presence)


def offer_waiting(session: Session, presence: Presence) -> bool:
    """Ring what waits for those who are there; says whether to come again at once."""
    return waiting.offer_waiting(session, presence)
