"""Hears from the database whose rights have changed, and has the sockets of these people looked at at once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from uuid import UUID

import gevent
import psycopg

from registry_core.db import PATIENCE, plain_address

CHANNEL = "rights_changed"
"""Triggers on roles, qualifications and browser sessions announce the account here (migration 0006)."""
PAUSE_SECONDS = 2.0
QUIET_SECONDS = 0.05
"""How long after an announcement more are gathered: an import announces thousands at one commit."""

log = logging.getLogger(__name__)

Look = Callable[[Collection[UUID] | None], None]


def watch_rights(database_url: str, look: Look) -> None:
    """Listen for ever, and call `look` with the accounts that were announced; None means everybody.

    After a lost connection everybody is looked at: nobody knows what was announced meanwhile.
    """
    while True:
        try:
            with psycopg.connect(plain_address(database_url), autocommit=True, **PATIENCE) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                look(None)
                listen(connection, look)
        except psycopg.Error:
            log.warning("rights are not watched: the database does not answer")
        except Exception:
            log.exception("rights are not watched")
        gevent.sleep(PAUSE_SECONDS)


def listen(connection: psycopg.Connection, look: Look) -> None:
    """Look at each batch of accounts announced on a connection, until it is lost."""
    while True:
        announced = {UUID(notice.payload) for notice in connection.notifies(stop_after=1)}
        announced |= {UUID(notice.payload) for notice in connection.notifies(timeout=QUIET_SECONDS)}
        look(announced)
