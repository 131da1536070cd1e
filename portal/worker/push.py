"""Live push out of the worker: handed to Redis by a thread of its own, so that no job ever waits for Redis."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from queue import Full, Queue
from threading import Thread
from time import monotonic
from typing import Any

import socketio
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

WAITING_AT_MOST = 1000
# Later than this the page has asked by itself or is gone; a notice from before would only make it ask again.
STALE_SECONDS = 10.0
QUIET_SECONDS = 30.0


class Sparse(logging.Filter):
    """Lets one line through in a while: Redis away would otherwise write two lines for each push."""

    def __init__(self, quiet_seconds: float = QUIET_SECONDS) -> None:
        super().__init__()
        self._quiet_seconds = quiet_seconds
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the first line through, and the next one after a while."""
        del record
        if monotonic() < self._next:
            return False
        self._next = monotonic() + self._quiet_seconds
        return True


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
        complaints = logging.getLogger(f"{__name__}.redis")
        complaints.addFilter(Sparse())
        limits = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0, "retry": Retry(NoBackoff(), 0)}
        self._manager = socketio.RedisManager(url, write_only=True, logger=complaints, redis_options=limits)
        self._waiting: Queue[_Push] = Queue(WAITING_AT_MOST)
        self._thread = Thread(target=self._hand_over, name="live-push", daemon=True)
        self._thread.start()

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
                self._waiting.all_tasks_done.wait(max(0.0, deadline - monotonic()))

    def _hand_over(self) -> None:
        while True:
            push = self._waiting.get()
            try:
                if monotonic() - push.at < STALE_SECONDS:
                    self._manager.emit(push.event, dict(push.payload), room=push.room, skip_sid=push.skip)
            except Exception:
                # The thread must outlive any one push; the manager itself swallows what Redis refuses.
                log.exception("live push failed")
            finally:
                self._waiting.task_done()
