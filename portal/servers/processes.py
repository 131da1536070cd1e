"""Supervision of web and worker: started together, started again when one dies, stopped in order."""

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from portal.servers.programs import Program

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0
# A program that has run this long is trusted again: its next restart is quick.
TRUSTED_AFTER_SECONDS = 30.0
LOOK_SECONDS = 0.2


@dataclass(slots=True)
class Watched:
    """A program with the history of its restarts."""

    program: Program
    started_at: float = 0.0
    pause_seconds: float = FIRST_PAUSE_SECONDS
    restart_at: float | None = None


class Supervisor:
    """Keeps programs running while its `with` block lasts. Use it in the main thread."""

    def __init__(self, programs: Sequence[Program], say: Callable[[str], None]) -> None:
        self.watched = [Watched(program) for program in programs]
        self.say = say

    def __enter__(self) -> Self:
        for one in self.watched:
            one.program.sweep()
        for one in self.watched:
            self.start(one)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self.watched:
            one.program.stop()

    def watch(self) -> None:
        """Look after the programs until an exception, such as that of Ctrl-C, ends it."""
        while True:
            self.look()
            time.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Note programs that have ended and start those again whose pause is over."""
        for one in self.watched:
            if one.restart_at is None and one.program.exit_code is not None:
                self.plan_restart(one)
            elif one.restart_at is not None and time.monotonic() >= one.restart_at:
                self.start(one)

    def start(self, one: Watched) -> None:
        """Start a program."""
        one.restart_at = None
        one.started_at = time.monotonic()
        one.program.start()

    def plan_restart(self, one: Watched) -> None:
        """Decide when to start an ended program again, and say so; each quick failure doubles the pause."""
        now = time.monotonic()
        if now - one.started_at > TRUSTED_AFTER_SECONDS:
            one.pause_seconds = FIRST_PAUSE_SECONDS
        one.restart_at = now + one.pause_seconds
        self.say(
            f"! {one.program.name} 意外停止（{describe_exit(one.program.exit_code)}），"
            f"{one.pause_seconds:g} 秒后重新启动，日志 {one.program.log} · "
            f"{one.program.name} stopped, starting it again in {one.pause_seconds:g} s"
        )
        one.pause_seconds = min(one.pause_seconds * 2, LONGEST_PAUSE_SECONDS)


def describe_exit(code: int | None) -> str:
    """Return the exit code in words."""
    if code is not None and code < 0:
        return f"信号 {signal.Signals(-code).name}"
    return f"退出码 {code}"
