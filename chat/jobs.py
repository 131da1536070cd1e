"""What the clock does for the messenger; each is one transaction of the worker."""

from __future__ import annotations

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.orm import Session

from chat.models import TERM_INDEXES
from chat.presence import Presence
from chat.services.calls import watch_calls
from chat.services.members import settle_changed
from registry_core import clock

SETTLE_GROUPS_EVERY_SECONDS = 10.0
TAKE_UP_WORDS_EVERY_SECONDS = 10.0
LOOK_AFTER_CALLS_EVERY_SECONDS = 1.0


def settle_groups(session: Session, _presence: object) -> None:
    """Bring groups by rule in line with the roles that began or ended, also by their own date."""
    settle_changed(session)


def take_up_words(session: Session, _presence: object) -> None:
    """Take what was sent into the index of its words, so that nobody who sends has to."""
    for index in TERM_INDEXES:
        session.execute(select(func.gin_clean_pending_list(cast(index, REGCLASS))))


def look_after_calls(session: Session, presence: Presence) -> None:
    """Let calls ring out, and let go of who is gone or may no longer write."""
    watch_calls(session, presence.everybody(clock.now()))
