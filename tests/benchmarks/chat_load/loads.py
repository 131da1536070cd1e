"""Loads that any of the servers takes: many who only listen, a room that hears a few, all coming back at once."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.chat_load.crowd import Crowd, Dialogue, Person
from tests.benchmarks.chat_load.phases import Times, times_of
from tests.benchmarks.chat_load.servers import Server

BODY = "请问转学手续里原学校迟迟不核办，应当在系统的哪一步催办，需要准备哪些材料？谢谢。"
SENDERS = 4
WARM_UP_SECONDS = 1.0
DRAIN_SECONDS = 10.0
SETTLING_SECONDS = 2.0
QUIET_SECONDS = 0.3
PING_BYTES = 64
WARM = 10


@dataclass(frozen=True, slots=True)
class Idle:
    """What a connection holds of a server's memory while nothing happens, and how fast they came in."""

    server: str
    clients: int
    kb_each: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Spread:
    """One server spreading to a room, senders sending as soon as they are acknowledged."""

    server: str
    room: int
    deliveries_per_second: float
    messages_per_second: float
    acknowledged: int
    ack_ms: Times | None
    seen_ms: Times | None


@dataclass(frozen=True, slots=True)
class Storm:
    """So many whose lines were all cut at one moment, and how long it took until the last one was in again."""

    server: str
    clients: int
    seconds: float
    per_second: float


def results_folder(root: Path) -> Path:
    """Say where results are written: the folder that DESK_BENCH names, `var/bench` without it."""
    return Path(os.environ.get("DESK_BENCH") or root / "var" / "bench")


def rest(server: Server, people: Sequence[Person]) -> Idle:
    """Let people connect and do nothing; the first few are not counted, they make the server load what it needs."""
    warm, crowd = Crowd(server.port, BODY), Crowd(server.port, BODY)
    warm.connect(people[:WARM])
    before, began = server.memory_kb(), time.perf_counter()
    count = len(people) - WARM
    crowd.connect(people[WARM:])
    per_second = count / (time.perf_counter() - began)
    crowd.listen(SETTLING_SECONDS)
    kb_each = (server.memory_kb() - before) / count
    crowd.leave(count)
    warm.leave(WARM)
    return Idle(server.name, count, round(kb_each, 1), round(per_second))


def storm(server: Server, people: Sequence[Person]) -> Storm:
    """Connect people, cut all their lines, and let them all knock again at once."""
    crowd = Crowd(server.port, BODY)
    crowd.connect(people)
    crowd.leave(len(people))
    crowd.connecting_at_once = len(people)
    began = time.perf_counter()
    crowd.connect(people)
    seconds = time.perf_counter() - began
    crowd.leave(len(people))
    return Storm(server.name, len(people), round(seconds, 2), round(len(people) / seconds))


def spread(server: Server, room: str, people: Sequence[Person], seconds: float) -> Spread:
    """Let senders, who joined last and so hear last, spread to everybody else of a room."""
    audience, senders = Crowd(server.port, BODY), Crowd(server.port, BODY)
    audience.connect(people[SENDERS:])
    speakers = senders.connect(people[:SENDERS])
    frame_bytes = _size_of_one(audience, senders, Dialogue(room, (speakers[0], speakers[0])))
    senders.on_done = lambda dialogue: senders.say(dialogue, time.perf_counter())
    for speaker in speakers:
        senders.say(Dialogue(room, (speaker, speaker)), time.perf_counter())
    _talk(audience, senders, WARM_UP_SECONDS)
    tally, began = senders.start_phase(), time.perf_counter()
    swallowed = _talk(audience, senders, seconds)
    lasted = time.perf_counter() - began
    senders.on_done = None
    _quiet(audience, senders)
    audience.leave(len(audience.clients))
    senders.leave(SENDERS)
    return Spread(
        server.name,
        len(people),
        round(swallowed / frame_bytes / lasted),
        round(len(tally.ack_seconds) / lasted, 1),
        senders.acknowledged,
        times_of(tally.ack_seconds),
        times_of(tally.delivery_seconds),
    )


def _size_of_one(audience: Crowd, senders: Crowd, dialogue: Dialogue) -> int:
    """Say how many bytes one message is to each of the audience: what it is to the senders beside its own."""
    _quiet(audience, senders)
    senders.say(dialogue, time.perf_counter())
    _quiet(audience, senders)
    return senders.frame_bytes


def _talk(audience: Crowd, senders: Crowd, seconds: float) -> int:
    end, swallowed = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        senders.listen(0.0)
        swallowed += audience.swallow(0.001)
    return swallowed


def _quiet(audience: Crowd, senders: Crowd) -> None:
    """Listen until nothing but signs of life has come for a while."""
    end = time.perf_counter() + DRAIN_SECONDS
    while time.perf_counter() < end:
        began, got = time.perf_counter(), 0
        while time.perf_counter() < began + QUIET_SECONDS:
            senders.listen(0.0)
            got += audience.swallow(0.01)
        if got < len(audience.clients) * PING_BYTES and not senders.unanswered:
            break
