"""The loads: messages at a steady rate for the times, and as fast as they are acknowledged for the throughput."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from tests.benchmarks.chat_load.crowd import Crowd, Dialogue, Tally
from tests.benchmarks.chat_load.servers import Server

WARM_UP_SECONDS = 1.0
DRAIN_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Result:
    """What one server did under one load. CPU is the share of one core.

    The work for a message can be compared on a busy machine too, the rates cannot.
    """

    server: str
    clients: int
    load: str
    seconds: float
    messages: int
    messages_per_second: float
    deliveries_per_second: float
    ack_ms: Times | None
    delivery_ms: Times | None
    refused: int
    lines_cut: int
    server_cpu: float
    server_us_per_message: int
    load_cpu: float


class Stage:
    """One server with its crowd, on which loads are run one after another."""

    def __init__(self, server: Server, crowd: Crowd) -> None:
        self.server = server
        self.crowd = crowd
        self._me = psutil.Process()

    def steady(self, load: str, dialogues: Sequence[Dialogue], rate: float, seconds: float) -> Result:
        """Send at random moments, `rate` a second on average, whatever the server does (an open loop).

        Times count from when a message was due, so that a server that stalls is not spared the messages it held up.
        """
        dice, crowd = random.Random(1), self.crowd
        crowd.on_done = None
        with self._counted() as count:
            began = due = time.perf_counter()
            place = 0
            while due < began + seconds:
                now = time.perf_counter()
                crowd.listen(max(0.0, due - now))
                if time.perf_counter() < due:
                    continue
                crowd.say(dialogues[place % len(dialogues)], due)
                place += 1
                due += dice.expovariate(rate)
            self._drain()
            return count(load, time.perf_counter() - began)

    def fastest(self, load: str, dialogues: Sequence[Dialogue], seconds: float) -> Result:
        """Let each dialogue send its next message as soon as the last one is acknowledged (a closed loop)."""
        crowd = self.crowd
        crowd.on_done = lambda dialogue: crowd.say(dialogue, time.perf_counter())
        for dialogue in dialogues:
            crowd.say(dialogue, time.perf_counter())
        self._listen_until(time.perf_counter() + WARM_UP_SECONDS)
        with self._counted() as count:
            began = time.perf_counter()
            self._listen_until(began + seconds)
            result = count(load, time.perf_counter() - began)
        crowd.on_done = None
        self._drain()
        return result

    def _listen_until(self, end: float) -> None:
        while (left := end - time.perf_counter()) > 0:
            self.crowd.listen(left)

    def _drain(self) -> None:
        deadline = time.perf_counter() + DRAIN_SECONDS
        while self.crowd.unanswered and time.perf_counter() < deadline:
            self.crowd.listen(0.1)
        self.crowd.listen(0.1)

    @contextmanager
    def _counted(self) -> Iterator[_Count]:
        gc.collect()
        gc.disable()
        try:
            yield _Count(self.server, len(self.crowd.clients), self.crowd.start_phase(), self._me)
        finally:
            gc.enable()


class _Count:
    """Counts from its making to its call."""

    def __init__(self, server: Server, clients: int, tally: Tally, me: psutil.Process) -> None:
        self.server, self.clients, self.tally, self.me = server, clients, tally, me
        self.server_before, self.load_before = server.cpu_seconds(), cpu_seconds(me)

    def __call__(self, load: str, seconds: float) -> Result:
        tally = self.tally
        worked = self.server.cpu_seconds() - self.server_before
        return Result(
            server=self.server.name,
            clients=self.clients,
            load=load,
            seconds=round(seconds, 2),
            messages=len(tally.ack_seconds),
            messages_per_second=round(len(tally.ack_seconds) / seconds, 1),
            deliveries_per_second=round(len(tally.delivery_seconds) / seconds, 1),
            ack_ms=times_of(tally.ack_seconds),
            delivery_ms=times_of(tally.delivery_seconds),
            refused=tally.refused,
            lines_cut=tally.lines_cut,
            server_cpu=round(worked / seconds, 2),
            server_us_per_message=round(worked * 1e6 / max(1, len(tally.ack_seconds))),
            load_cpu=round((cpu_seconds(self.me) - self.load_before) / seconds, 2),
        )


def cpu_seconds(process: psutil.Process) -> float:
    """Say how long a process has worked so far."""
    times = process.cpu_times()
    return times.user + times.system


def times_of(seconds: Sequence[float]) -> Times | None:
    """Cut times at the half, at 95 and at 99 of a hundred; None where there are too few."""
    if len(seconds) < 2:
        return None
    cuts = statistics.quantiles(seconds, n=100)
    return Times(*(round(cuts[place] * 1000, 2) for place in (49, 94, 98)))
