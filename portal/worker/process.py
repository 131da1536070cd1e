"""The worker's life: jobs, sweeps and clock side by side, back after each loss of the database, gone on SIGTERM."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from time import monotonic

import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker
from psycopg.conninfo import make_conninfo

from portal.worker.clock import Clock
from portal.worker.house import House, Pace, Tick
from portal.worker.rescue import Rescue
from portal.worker.tasks import Roll, make_jobs
from portal.worker.threads import Threads
from registry_core.db import PATIENCE, plain_address

log = structlog.stdlib.get_logger(__name__)

DATABASE_LOST = (ConnectorException, psycopg.OperationalError)
CLEAR_OUT_SECONDS = 3600.0
SHORTEST_PAUSE_SECONDS = 0.5
THREADS_SECONDS = 0.5


def open_connector(address: str) -> PsycopgConnector:
    """Make Procrastinate's own small pool; it asks no longer than a few seconds for a lost server, as we ask anew."""
    return PsycopgConnector(conninfo=address, min_size=1, max_size=4, timeout=5.0, reconnect_timeout=5.0)


class Process:
    """One worker process; several may run side by side, and one of them has the clock."""

    def __init__(
        self, house: House, database_url: str, *, ticks: Sequence[Tick] = (), pace: Pace | None = None
    ) -> None:
        self._pace = pace or Pace()
        self._address = make_conninfo(plain_address(database_url), **PATIENCE)
        # One thread for each job at once and one for the clock.
        self._threads = Threads(self._pace.jobs_at_once + 1)
        connector = open_connector(self._address)
        self._jobs = make_jobs(house, connector, threads=self._threads, pace=self._pace)
        self._clock = Clock(house, ticks, self._address, threads=self._threads, pace=self._pace)

    async def run(self, told_to_stop: asyncio.Event) -> bool:
        """Work until told to stop; say whether everything had come to its end within `stop_seconds` and a bit.

        Whatever had not is done again by the next worker. Raises what broke the worker itself.
        """
        waiting = asyncio.create_task(told_to_stop.wait())
        parts = [asyncio.create_task(self._do_jobs()), asyncio.create_task(self._clock.run())]
        await asyncio.wait([waiting, *parts], return_when=asyncio.FIRST_COMPLETED)
        broken = [part for part in parts if part.done()]
        log.info("worker stops")
        for task in (waiting, *parts):
            task.cancel()
        _ended, late = await asyncio.wait(parts, timeout=self._pace.stop_seconds + 1.0)
        for part in broken:
            part.result()
        return await self._threads.rest(THREADS_SECONDS) and not late

    async def _do_jobs(self) -> None:
        """Do jobs until cancelled, and begin anew when the database went away."""
        pause = SHORTEST_PAUSE_SECONDS
        while True:
            began = monotonic()
            try:
                await self._reach_database()
                await self._jobs.open_async()
                await self._work()
            except DATABASE_LOST as failure:
                # Told once; while it stays away, the pauses grow in silence.
                tell = log.warning if pause == SHORTEST_PAUSE_SECONDS else log.debug
                tell("worker has lost the database", error=type(failure.__cause__ or failure).__name__)
            finally:
                # Also after a failed opening, which leaves a pool behind that would be taken for an open one.
                await self._jobs.close_async()
            await asyncio.sleep(pause)
            has_worked = monotonic() - began > 2 * self._pace.longest_pause_seconds
            pause = SHORTEST_PAUSE_SECONDS if has_worked else min(pause * 2, self._pace.longest_pause_seconds)

    async def _reach_database(self) -> None:
        """Ask whether the database is there: the pool's own opening would wait half a minute before it says no."""
        await (await psycopg.AsyncConnection.connect(self._address)).close()

    async def _work(self) -> None:
        """Do jobs until Procrastinate's worker ends, which it does when its connection is lost or it is cancelled."""
        roll = Roll()
        worker = make_worker(self._jobs, roll, self._pace)
        rescue = Rescue(self._jobs, worker, roll, self._pace)
        sweeps = [
            asyncio.create_task(repeat(rescue.sweep, self._pace.sweep_seconds)),
            asyncio.create_task(repeat(rescue.clear_out, CLEAR_OUT_SECONDS)),
        ]
        log.info("worker takes jobs")
        try:
            await worker.run()  # type: ignore[no-untyped-call]  # Procrastinate leaves its return type out
        finally:
            for sweep in sweeps:
                sweep.cancel()


def make_worker(jobs: App, roll: Roll, pace: Pace) -> Worker:
    """Set Procrastinate's worker up; the process itself listens to signals."""
    return Worker(
        app=jobs,
        concurrency=pace.jobs_at_once,
        fetch_job_polling_interval=pace.poll_seconds,
        shutdown_graceful_timeout=pace.stop_seconds,
        delete_jobs="successful",
        install_signal_handlers=False,
        update_heartbeat_interval=pace.beat_seconds,
        stalled_worker_timeout=pace.stalled_seconds,
        worker_middleware=[roll],
    )


async def repeat(act: Callable[[], Coroutine[None, None, None]], seconds: float) -> None:
    """Act again and again; while the database is away, wait for the next time."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await act()
        except DATABASE_LOST:
            continue
        except Exception:
            log.exception("sweep failed")


class _WithoutJobs(logging.Filter):
    """Drops lines that tell of a job: they repeat its arguments (addresses, texts); `Roll` says the same without."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not hasattr(record, "job")


def hush_procrastinate() -> None:
    """Keep arguments of jobs out of the log, and the pool's line for each try to reach a lost database."""
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    for name in ("procrastinate.worker", "procrastinate.worker.worker"):
        logging.getLogger(name).addFilter(_WithoutJobs())
