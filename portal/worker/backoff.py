"""How long to wait before a job that failed is tried again, and when to give it up."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from registry_core import clock


class BackOff(BaseRetryStrategy):
    """Waits twice as long each time, up to `longest`; after `attempts` tries the job stays in the table as failed."""

    def __init__(self, *, first: timedelta, longest: timedelta, attempts: int) -> None:
        self.first = first
        self.longest = longest
        self.attempts = attempts

    def wait(self, tried: int) -> timedelta:
        """Say how long to wait after a job has been tried `tried` times before this one."""
        # Capped before it is used: 2 to the power of 1000 seconds is no timedelta.
        return min(self.first * (1 << min(tried, 30)), self.longest)

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Decide for Procrastinate; what our own stopping cut short is tried again at once."""
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision()
        if job.attempts + 1 >= self.attempts:
            return None
        return RetryDecision(retry_at=clock.now() + self.wait(job.attempts))


# About five hours: long enough to deploy a correction of a faulty reaction.
REACTIONS = BackOff(first=timedelta(seconds=1), longest=timedelta(minutes=10), attempts=40)
# About two days, as mail servers themselves do.
MAILS = BackOff(first=timedelta(seconds=15), longest=timedelta(hours=1), attempts=56)
# About an hour: a short message that comes later confuses more than it helps.
MESSAGES = BackOff(first=timedelta(seconds=5), longest=timedelta(minutes=5), attempts=18)
