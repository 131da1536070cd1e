"""Where work on files runs that would hold a process up: reading, hashing, unpacking, decoding."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

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


@dataclass(frozen=True, slots=True)
class _Outcome(Generic[Answer]):
    """What came of work: an answer, or what it raised."""

    answers: tuple[Answer, ...] = ()
    failure: Exception | None = None


def apart(work: Callable[[], Answer]) -> Answer:
    """Run work apart from the loop, if the process has one; what it runs apart in turn stays with it.

    The work must touch neither the database session nor the request; texts in it are lazy.
    """
    if not _runners or getattr(_here, "is_apart", False):
        return work()
    outcome: _Outcome[Answer] = _runners[0](lambda: _attempt(work))
    if outcome.failure is not None:
        raise outcome.failure
    return outcome.answers[0]


def _attempt(work: Callable[[], Answer]) -> _Outcome[Answer]:
    """Bring a failure back as a value: gevent's threads print whatever leaves them, refusals too, with a trace."""
    _here.is_apart = True
    try:
        return _Outcome((work(),))
    except Exception as failure:  # noqa: BLE001 - raised again where the work was asked for
        return _Outcome(failure=failure)
    finally:
        _here.is_apart = False
