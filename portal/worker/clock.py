"""The clock: runs each tick when its time has come, in one of all workers at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from time import monotonic
from traceback import format_tb

import psycopg
import structlog
from sqlalchemy import text

from portal.worker.house import House, Pace, Tick
from portal.worker.threads import Threads
from registry_core.db import transaction

log = structlog.stdlib.get_logger(__name__)

# Any number that nothing else in this database locks; it must never change, or two clocks run during an upgrade.
CLOCK_LOCK = 0x0DE5_C10C
# A tick that meets a row which somebody keeps locked gives up and comes again, so that the others are not held up.
LONGEST_LOCK_WAIT = "2s"


def run_tick(house: House, tick: Tick) -> bool:
    """Run a tick once in a transaction of its own; say whether it left something to do at once."""
    with house.language(), transaction(house.sessions) as session:
        session.execute(text(f"SET LOCAL lock_timeout = '{LONGEST_LOCK_WAIT}'"))
        return tick.act(session, house.presence) is True


class Clock:
    """Runs while its own connection holds an advisory lock of the database; the ticks bear a second clock all the same.

    (Between the loss of that connection and the end of a tick under way another worker's clock may already run.)
    """

    def __init__(self, house: House, ticks: Sequence[Tick], address: str, *, threads: Threads, pace: Pace) -> None:
        self._house = house
        self._threads = threads
        self._ticks = ticks
        self._address = address
        self._pace = pace
        self._failures: dict[Tick, int] = {}
        self._due: dict[Tick, float] = {}
        self._is_lost = False

    async def run(self) -> None:
        """Run until cancelled; a tick under way is finished first."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._address, autocommit=True) as line:
                    await self._become_the_one(line)
                    await self._run_here(line)
            except psycopg.OperationalError as failure:
                tell = log.debug if self._is_lost else log.warning
                tell("clock lost the database", error=type(failure).__name__)
                self._is_lost = True
            await asyncio.sleep(self._pace.candidate_seconds)

    async def _become_the_one(self, line: psycopg.AsyncConnection) -> None:
        # The server ends a session that falls silent, and with it the lock of a worker that hangs or whose machine is
        # gone; a living clock asks far more often.
        await line.execute("SELECT set_config('idle_session_timeout', %s, false)", [f"{self._pace.silence_seconds}s"])
        while True:
            cursor = await line.execute("SELECT pg_try_advisory_lock(%s)", [CLOCK_LOCK])
            row = await cursor.fetchone()
            if row is not None and row[0]:
                self._is_lost = False
                log.info("clock runs in this worker")
                return
            await asyncio.sleep(self._pace.candidate_seconds)

    async def _run_here(self, line: psycopg.AsyncConnection) -> None:
        while True:
            for tick in self._ticks:
                if monotonic() >= self._due.get(tick, 0.0):
                    # Asking on the line that holds the lock notices its loss before the tick.
                    await line.execute("SELECT 1")
                    await self._run(tick)
            await asyncio.sleep(self._pace.step_seconds)

    async def _run(self, tick: Tick) -> None:
        self._due[tick] = monotonic() + tick.every.total_seconds()
        work = asyncio.ensure_future(self._threads.run(partial(run_tick, self._house, tick)))
        try:
            await asyncio.wait({work})
        except asyncio.CancelledError:
            await asyncio.wait({work}, timeout=self._pace.stop_seconds)
            raise
        failure = work.exception()
        if failure is None:
            self._failures.pop(tick, None)
            if work.result():
                self._due[tick] = monotonic()
        else:
            self._complain(tick, failure)

    def _complain(self, tick: Tick, failure: BaseException) -> None:
        """Tell the failure and let the tick pause, longer each time: a fault twice a second helps nobody."""
        failures = self._failures[tick] = self._failures.get(tick, 0) + 1
        pause = tick.every.total_seconds() * (1 << min(failures, 10))
        self._due[tick] = monotonic() + min(pause, self._pace.longest_pause_seconds)
        trace = "".join(format_tb(failure.__traceback__)) if failures == 1 else None
        log.error(
            "tick failed",
            tick=tick.name,
            error=type(failure).__name__,
            failures=failures,
            trace=trace,
        )
