"""When the rights of connected people end by their own date, so that somebody looks at that moment."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from registry_core import clock

LONGEST_SECONDS = 60.0
"""The clock may be set while the process waits for a moment far away."""
QUIET_SECONDS = 0.1
"""How long after somebody has connected more are gathered: after a restart thousands come at once."""
PAUSE_SECONDS = 2.0

log = logging.getLogger(__name__)


class Endings:
    """The next moment of each socket at which a role, a qualification or a loan of its person ends by its own date.

    Whoever has just connected is looked at once: their moments are not known yet, and a right may have ended between
    the look into the database and the seat.
    """

    def __init__(self) -> None:
        self._moments: dict[str, tuple[datetime, UUID]] = {}
        self._newcomers: set[UUID] = set()
        self._stirred = threading.Event()

    def welcome(self, account_id: UUID) -> None:
        """Have somebody looked at who has just connected."""
        self._newcomers.add(account_id)
        self.stir()

    def note(self, sid: str, account_id: UUID, *moments: datetime | None) -> None:
        """Note when a socket's rights end next; nothing that ends by its date is no moment."""
        known = [moment for moment in moments if moment is not None]
        if known:
            self._moments[sid] = min(known), account_id
        else:
            self.forget(sid)

    def forget(self, sid: str) -> None:
        """Forget a socket that has gone."""
        self._moments.pop(sid, None)

    def stir(self) -> None:
        """Have the next moment looked for anew."""
        self._stirred.set()

    def wait(self) -> None:
        """Wait until the next moment comes, or until something has changed."""
        nearest = min((moment for moment, _ in self._moments.values()), default=None)
        seconds = (nearest - clock.now()).total_seconds() if nearest else LONGEST_SECONDS
        self._stirred.wait(min(max(seconds, 0.0), LONGEST_SECONDS))
        self._stirred.clear()

    def take_due(self) -> frozenset[UUID]:
        """Hand out whom to look at now: whose moment has come, and who has just connected."""
        now = clock.now()
        due = {account_id for moment, account_id in self._moments.values() if moment <= now}
        due |= self._newcomers
        self._newcomers.clear()
        return frozenset(due)

    def watch(self, look: Callable[[Collection[UUID]], None]) -> None:
        """Look for ever at those whose moment has come."""
        while True:
            self.wait()
            if self._newcomers:
                time.sleep(QUIET_SECONDS)
            if due := self.take_due():
                self._look_at(due, look)

    def _look_at(self, due: frozenset[UUID], look: Callable[[Collection[UUID]], None]) -> None:
        try:
            look(due)
        except Exception as fault:
            if isinstance(fault, SQLAlchemyError):
                log.warning("ended rights not looked at: the database does not answer")
            else:
                log.exception("ended rights not looked at")
            self._newcomers |= due
            time.sleep(PAUSE_SECONDS)
