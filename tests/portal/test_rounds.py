"""Rounds: what came while one was under way is done together, nobody waits for nothing, a fault reaches everybody."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from portal import rounds
from portal.rounds import Rounds

PATIENCE_SECONDS = 20


class Desk:
    """Does rounds; each waits until it is let go, so that others come meanwhile."""

    def __init__(self) -> None:
        self.done: list[list[int]] = []
        self.refused: set[int] = set()
        self.faults: list[Exception] = []
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.rounds = Rounds(self.act)
        self.people = ThreadPoolExecutor(max_workers=64)

    def act(self, parts: Sequence[int]) -> list[bool]:
        """One round."""
        self.done.append(sorted(parts))
        self.begun.release()
        assert self.go.acquire(timeout=PATIENCE_SECONDS)
        if self.faults:
            raise self.faults.pop()
        return [part not in self.refused for part in parts]

    def come(self, part: int) -> Future[bool]:
        """Somebody comes with a part."""
        return self.people.submit(self.rounds.take_part, part)

    def wait_for_round(self) -> None:
        """Until the next round has begun."""
        assert self.begun.acquire(timeout=PATIENCE_SECONDS)

    def come_all(self, parts: Sequence[int]) -> list[Future[bool]]:
        """Several come while a round is under way; back when all of them stand in line."""
        came = [self.come(part) for part in parts]
        deadline = threading.Event()
        for _look in range(PATIENCE_SECONDS * 100):
            if len(self.rounds._waiting) == len(parts):
                break
            deadline.wait(0.01)
        assert len(self.rounds._waiting) == len(parts)
        return came


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk at which nobody waits yet."""
    desk = Desk()
    yield desk
    desk.go.release(1000)
    desk.people.shutdown()


def test_who_comes_alone_begins_at_once(desk: Desk) -> None:
    desk.go.release()
    assert desk.rounds.take_part(1) is True
    assert desk.done == [[1]]


def test_all_who_came_meanwhile_share_the_next_round(desk: Desk) -> None:
    first = desk.come(0)
    desk.wait_for_round()
    others = desk.come_all([1, 2, 3])
    desk.go.release(2)
    assert first.result(PATIENCE_SECONDS)
    assert all(one.result(PATIENCE_SECONDS) for one in others)
    assert desk.done == [[0], [1, 2, 3]]


def test_after_a_round_the_next_one_begins_at_once_again(desk: Desk) -> None:
    desk.go.release(3)
    assert all(desk.rounds.take_part(part) for part in (1, 2, 3))
    assert desk.done == [[1], [2], [3]]


def test_each_hears_whether_its_own_part_is_done(desk: Desk) -> None:
    desk.refused = {2}
    first = desk.come(0)
    desk.wait_for_round()
    others = desk.come_all([1, 2, 3])
    desk.go.release(2)
    assert first.result(PATIENCE_SECONDS)
    assert [one.result(PATIENCE_SECONDS) for one in others] == [True, False, True]


def test_a_fault_is_raised_for_everybody_in_the_round_and_for_nobody_else(desk: Desk) -> None:
    first = desk.come(0)
    desk.wait_for_round()
    others = desk.come_all([1, 2])
    desk.go.release()
    assert first.result(PATIENCE_SECONDS)
    desk.wait_for_round()
    later = desk.come_all([3])
    desk.faults = [ConnectionError("away")]
    desk.go.release(2)
    for one in others:
        with pytest.raises(ConnectionError, match="away"):
            one.result(PATIENCE_SECONDS)
    assert later[0].result(PATIENCE_SECONDS)


def test_a_large_crowd_is_done_in_several_rounds(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "LARGEST_ROUND", 4)
    first = desk.come(0)
    desk.wait_for_round()
    others = desk.come_all(range(1, 11))
    desk.go.release(4)
    assert first.result(PATIENCE_SECONDS)
    assert all(one.result(PATIENCE_SECONDS) for one in others)
    assert [len(part) for part in desk.done] == [1, 4, 4, 2]
    assert sorted(part for parts in desk.done for part in parts) == list(range(11))
