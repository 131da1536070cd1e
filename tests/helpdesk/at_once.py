"""Two people at one moment, each on a connection of their own: the second waits, and is then told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from registry_core.db import make_sessions, rollback, transaction

Result = TypeVar("Result")
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
PATIENCE_SECONDS = 30.0


class Crowd:
    """Runs acts in threads, each in a transaction of its own that is committed at its end."""

    def __init__(self, engine: Engine, threads: int = 16) -> None:
        self.engine = engine
        self.sessions = make_sessions(engine)
        self.pool = ThreadPoolExecutor(threads)

    def start(self, act: Callable[[Session], Result]) -> Future[Result]:
        """Start an act in a thread."""

        def run() -> Result:
            with transaction(self.sessions) as session:
                return act(session)

        return self.pool.submit(run)

    @contextmanager
    def under_way(self) -> Iterator[Session]:
        """Hold a transaction open that is committed at the end of the block."""
        with transaction(self.sessions) as session:
            yield session

    @contextmanager
    def given_up(self) -> Iterator[Session]:
        """Hold a transaction open that is rolled back at the end of the block."""
        session = self.sessions()
        try:
            yield session
        finally:
            rollback(session)
            session.close()

    def start_and_block(self, act: Callable[[Session], Result]) -> Future[Result]:
        """Start an act and return once it waits for what another transaction holds."""
        started = self.start(act)
        until = time.monotonic() + PATIENCE_SECONDS
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not connection.scalar(WAITING):
                if started.done() or time.monotonic() > until:
                    message = f"did not wait for the other: {started}"
                    raise AssertionError(message)
                time.sleep(0.005)
        return started
