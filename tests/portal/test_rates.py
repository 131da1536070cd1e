"""Rates: who is too fast waits in turn, nobody else does, and what would wait too long comes again later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from portal import rates
from portal.app import SOCKET_GATE
from portal.rates import LONGEST_WAIT_SECONDS, Limits, Rates, TooFast
from portal.sockets import SocketGate, refusal_of
from registry_core import web
from registry_core.store import RedisError
from tests.portal.protocol_house import ASKER
from tests.portal.test_sockets import NOBODY, Page

LIMITS = Limits.of(sends=5, talk_sends=20, commands=50)
# What four seconds allow may come at once.
AT_ONCE = 20
# What was sent before Redis was asked for the first time: a quarter of it at each process.
UNASKED = AT_ONCE // 4


class Queue:
    """Rates of one process, and how long each command waited; nobody really sleeps."""

    def __init__(self, app: Flask, limits: Limits = LIMITS) -> None:
        self.app = app
        self.slept: list[float] = []
        self.rates = Rates(limits, sleep=self.slept.append)

    def send(self, account_id: UUID, conversation_id: UUID, count: int = 1) -> list[float]:
        """Send messages one after the other, and say how long each had to wait."""
        with self.app.app_context():
            return [self.rates.wait_for_message(account_id, conversation_id) for _ in range(count)]


@pytest.fixture
def queue(app: Flask) -> Queue:
    return Queue(app)


# ── the paces ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_so_many_go_at_once_and_each_further_one_waits_for_its_turn(queue: Queue) -> None:
    waits = queue.send(uuid4(), uuid4(), UNASKED + AT_ONCE + 10)
    assert waits[: UNASKED + AT_ONCE] == [0.0] * (UNASKED + AT_ONCE)
    late = waits[UNASKED + AT_ONCE :]
    assert queue.slept == late
    assert late[0] == pytest.approx(0.2, abs=0.15)
    assert all(0.1 < after - before <= 0.21 for before, after in pairwise(late))


def test_what_would_wait_too_long_is_to_come_again_and_takes_no_turn(queue: Queue) -> None:
    person, talk = uuid4(), uuid4()
    queue.send(person, talk, UNASKED + AT_ONCE + 15)
    with pytest.raises(TooFast) as refused:
        queue.send(person, talk, 20)
    assert max(queue.slept) <= LONGEST_WAIT_SECONDS
    assert refused.value.retry_after == 5
    before = len(queue.slept)
    for _again in range(3):
        with pytest.raises(TooFast) as refused:
            queue.send(person, talk)
        assert refused.value.retry_after == 5
    assert len(queue.slept) == before


def test_somebody_else_does_not_wait_for_a_flood(queue: Queue) -> None:
    talk = uuid4()
    queue.send(uuid4(), talk, UNASKED + AT_ONCE + 10)
    assert queue.send(uuid4(), talk, 3) == [0.0, 0.0, 0.0]


def test_a_conversation_has_a_pace_of_its_own(queue: Queue) -> None:
    talk = uuid4()
    waits = [queue.send(uuid4(), talk)[0] for _person in range(20 + 80 + 5)]
    assert waits[:100] == [0.0] * 100
    assert all(0.0 < wait <= 0.3 for wait in waits[100:])
    assert queue.send(uuid4(), uuid4()) == [0.0]


def test_all_processes_count_one_person_together(app: Flask) -> None:
    one, other = Queue(app), Queue(app)
    person = uuid4()
    one.send(person, uuid4(), UNASKED + AT_ONCE)
    waits = other.send(person, uuid4(), UNASKED + 1)
    assert waits[:UNASKED] == [0.0] * UNASKED
    assert waits[UNASKED] > 0.0


def test_without_redis_each_process_counts_alone(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    queue, person, talk = Queue(app), uuid4(), uuid4()
    asked: list[object] = []

    def away(parts: object) -> list[float]:
        asked.append(parts)
        raise RedisError

    monkeypatch.setattr(queue.rates, "_ask_store", away)
    waits = queue.send(person, talk, UNASKED + AT_ONCE + 1)
    assert waits[:-1] == [0.0] * (UNASKED + AT_ONCE)
    assert waits[-1] > 0.0
    assert len(asked) == 1  # and is not asked again for some seconds


def test_a_slow_sender_never_asks_redis(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue(app)
    now = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(queue.rates, "_ask", lambda _parts: pytest.fail("was asked"))
    person, talk = uuid4(), uuid4()
    for _message in range(50):
        assert queue.send(person, talk) == [0.0]
        now[0] += 0.8


def test_what_somebody_took_is_forgotten_once_it_is_paid_for(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "KEPT_AT_MOST", 10)
    now = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    counts, pace = rates.Counts(), rates.Pace.of(5)
    for place in range(100):
        counts.take([(str(place), pace)], 0.0)
        now[0] += 1.0
    assert len(counts._spent_until) <= 11
    del app


def test_no_rate_is_no_limit(app: Flask) -> None:
    queue = Queue(app, Limits.of(sends=0, talk_sends=0, commands=0))
    assert queue.send(uuid4(), uuid4(), 300) == [0.0] * 300
    assert [queue.rates.wait_for_command(NOBODY) for _ in range(300)] == [0.0] * 300


def test_other_commands_have_a_wider_pace(queue: Queue) -> None:
    person = uuid4()
    waits = [queue.rates.wait_for_command(person) for _ in range(210)]
    assert waits[:200] == [0.0] * 200
    assert all(0.0 < wait < 0.4 for wait in waits[205:])
    assert queue.rates.wait_for_command(uuid4()) == 0.0


def test_a_refusal_says_when_to_come_again() -> None:
    error = refusal_of(TooFast(4.2))["error"]
    assert (error["code"], error["retry_after"]) == ("too_fast", 5)
    assert error["message"]


# ── at the sockets ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def gate(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[SocketGate]:
    """A gate whose rates are tight, and at which nobody really sleeps."""
    gate: SocketGate = app.extensions[SOCKET_GATE]
    monkeypatch.setattr(gate.server, "start_background_task", lambda act, *sent: act(*sent))
    monkeypatch.setattr(gate, "rates", Rates(Limits.of(sends=1, talk_sends=0, commands=3), sleep=lambda _seconds: None))
    yield gate
    app.extensions[web.RUNTIME].store.flushdb()


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("message:send", {"conversation_id": str(NOBODY), "client_id": "1", "body": "x"}),
        ("message:send_files", {"conversation_id": str(NOBODY), "client_id": "1", "files": [str(NOBODY)]}),
        ("presence:beat", {}),
        ("message:send", {"body": 5}),
        ("no:such", {}),
    ],
)
def test_every_command_counts_also_one_that_is_wrong_or_unknown(
    app: Flask, gate: SocketGate, signed_in: Callable[[str], Any], name: str, sent: object
) -> None:
    del gate
    page = Page(app, signed_in(ASKER))
    answers = [page.call(name, sent) for _ in range(40)]
    codes = [answer["error"]["code"] if not answer["ok"] else "" for answer in answers]
    assert codes[0] != "too_fast"
    assert codes[-1] == "too_fast"
    assert answers[-1]["error"]["retry_after"] > LONGEST_WAIT_SECONDS
