"""Live push out of the worker: handed to Redis by a thread of its own, so that no job ever waits for Redis."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from queue import Full, Queue
from threading import Thread
from time import monotonic
from typing import Any

from portal.live_queue import LiveQueue

log = logging.getLogger(__name__)

WAITING_AT_MOST = 1000
# Later than this the page has asked by itself or is gone; a notice from before would only make it ask again.
STALE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Push:
    event: str
    payload: Mapping[str, Any]
    room: str
    skip: str | None
    at: float


class Pusher:
    """Takes pushes without waiting; what Redis does not take in time is dropped, and pages heal by asking."""

    def __init__(self, url: str) -> None:
        # Without a server of its own the queue only sends: it has no rooms and does not listen.
        self._queue = LiveQueue(url)
        self._waiting: Queue[_Push] = Queue(WAITING_AT_MOST)
        Thread(target=self._hand_over, name="live-push", daemon=True).start()

    def emit(self, event: str, payload: Mapping[str, Any], room: str, skip: str | None) -> None:
        """Take a push (an emitter of `registry_core.live`)."""
        try:
            self._waiting.put_nowait(_Push(event, payload, room, skip, monotonic()))
        except Full:
            log.debug("live push dropped: too many wait for Redis")

    def drain(self, seconds: float) -> None:
        """Wait until what was taken has gone out, at most so long."""
        deadline = monotonic() + seconds
        with self._waiting.all_tasks_done:
            while self._waiting.unfinished_tasks and monotonic() < deadline:
                self._waiting.all_tasks_done.wait(deadline - monotonic())

    def _hand_over(self) -> None:
        while True:
            push = self._waiting.get()
            try:
                if monotonic() - push.at < STALE_SECONDS:
                    self._queue.emit(push.event, dict(push.payload), room=push.room, skip_sid=push.skip)
            except Exception:
                # The thread must outlive any one push; the queue itself lets go of what Redis refuses.
                log.exception("live push failed")
            finally:
                self._waiting.task_done()
