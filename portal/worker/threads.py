"""Threads for what waits on the database, and the knowledge whether any still works when the process wants to leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

Result = TypeVar("Result")


class Threads:
    """A pool that tells what is still running: a cancelled `asyncio.to_thread` hides that its thread goes on."""

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="worker")
        self._running: set[Future[Any]] = set()

    async def run(self, act: Callable[[], Result]) -> Result:
        """Run something in a thread with this task's context variables."""
        work = self._pool.submit(copy_context().run, act)
        self._running.add(work)
        work.add_done_callback(self._running.discard)
        return await asyncio.wrap_future(work)

    async def rest(self, seconds: float) -> bool:
        """Wait until nothing runs, at most so long; say whether that came."""
        running = {asyncio.wrap_future(work) for work in self._running}
        if running:
            await asyncio.wait(running, timeout=seconds)
        self._pool.shutdown(wait=False, cancel_futures=True)
        return not self._running
