"""Where work on files runs that would hold a process up: reading, hashing, unpacking, decoding."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

Answer = TypeVar("Answer")


class Runner(Protocol):
    """Runs work elsewhere and waits for it."""

    def __call__(self, work: Callable[[], Any]) -> Any:
        """Run the work and return what it returns, or raise what it raises."""


_runners: list[Runner] = []
_here = threading.local()


def install_runner(run: Runner) -> None:
    """Lay down where it runs: the web process hands it to a thread, or one file would stop every socket."""
    _runners[:] = [run]


def apart(work: Callable[[], Answer]) -> Answer:
    """Run work apart from the loop, if the process has one; what it runs apart in turn stays with it.

    The work must touch neither the database session nor the request; texts in it are lazy.
    """
    if not _runners or getattr(_here, "is_apart", False):
        return work()
    answer: Answer = _runners[0](lambda: _marked(work))
    return answer


def _marked(work: Callable[[], Answer]) -> Answer:
    _here.is_apart = True
    try:
        return work()
    finally:
        _here.is_apart = False
