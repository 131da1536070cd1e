"""Jobs whose worker died, or lost them when the database went away in the middle, are put back to be done again."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic

import structlog
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.worker import Worker

from portal.worker.house import Pace
from portal.worker.tasks import Roll
from registry_core import clock

log = structlog.stdlib.get_logger(__name__)

KEPT_HOURS = 24 * 30


class WorkerDied(Exception):
    """What a job that was cut short is judged by: it counts as one try, and the back-off applies."""


class Rescue:
    """Sweeps the table of jobs for those that nobody is doing although they are marked so."""

    def __init__(self, jobs: App, worker: Worker, roll: Roll, pace: Pace) -> None:
        self._jobs = jobs
        self._worker = worker
        self._roll = roll
        self._pace = pace
        self._doubtful: set[int] = set()
        self._judges_from = self._after_beats()

    async def sweep(self) -> None:
        """Put back the jobs of dead workers, and this worker's own that it does not know of any more."""
        try:
            await self._sweep()
        except ConnectorException:
            self._judges_from = self._after_beats()
            raise

    async def _sweep(self) -> None:
        manager = self._jobs.job_manager
        for job in await self._forgotten():
            await self._put_back(job)
        if monotonic() < self._judges_from:
            return
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=self._pace.stalled_seconds):
            await self._put_back(job)
        await manager.prune_stalled_workers(self._pace.stalled_seconds)

    def _after_beats(self) -> float:
        """Name the time from which a missing heartbeat means something: with the database away nobody could beat."""
        return monotonic() + 2 * self._pace.beat_seconds

    async def clear_out(self) -> None:
        """Remove jobs that failed a month ago: their arguments hold addresses."""
        await self._jobs.job_manager.delete_old_jobs(
            nb_hours=KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
        )

    async def _forgotten(self) -> Iterable[Job]:
        """Name the jobs that are marked as this worker's, but did not run at this sweep nor at the one before.

        A connection that broke between fetching and answering, or between the end of a job and its mark, leaves such.
        """
        if self._worker.worker_id is None:
            # Not registered yet or no longer: asking for nobody's jobs would list everybody's.
            return []
        mine = await self._jobs.job_manager.list_jobs_async(status="doing", worker_id=self._worker.worker_id)
        idle = {job.id: job for job in mine if job.id is not None and job.id not in self._roll.running}
        certain = [job for number, job in idle.items() if number in self._doubtful]
        self._doubtful = set(idle)
        return certain

    async def _put_back(self, job: Job) -> None:
        task = self._jobs.tasks.get(job.task_name)
        retry = task.get_retry_exception(exception=WorkerDied(), job=job) if task else None
        try:
            if retry is None:
                await self._jobs.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
            else:
                await self._jobs.job_manager.retry_job(job, retry_at=retry.retry_decision.retry_at or clock.now())
        except ConnectorException:
            # Another worker was quicker, or the database is away: the next sweep sees.
            return
        log.warning("job of a dead worker put back", job=job.id, task=job.task_name, attempt=job.attempts + 1)
