"""The clock ticks in one worker at a time, and one bad tick does not stop the others."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from chat.presence import Presence
from portal.worker.clock import CLOCK_LOCK
from portal.worker.house import House, Tick
from portal.worker.process import Process
from registry_core.db import plain_address
from tests.portal.worker import toys
from tests.portal.worker.conftest import WorkerProcess, at_work, wait_for


def test_of_two_workers_one_has_the_clock_and_the_other_takes_over(
    toy_engine: Engine, start_worker: Callable[..., WorkerProcess]
) -> None:
    workers = {worker.process.pid: worker for worker in (start_worker(ticks=0.05), start_worker(ticks=0.05))}
    wait_for(lambda: toys.count_notes(toy_engine, "tick") >= 20)
    time.sleep(1)
    ticking = [pid for pid in workers if toys.count_notes(toy_engine, f"tick of {pid}")]
    assert len(ticking) == 1
    other = next(pid for pid in workers if pid not in ticking)
    workers[ticking[0]].end(signal.SIGKILL)
    wait_for(lambda: toys.count_notes(toy_engine, f"tick of {other}") > 0)


def test_a_worker_that_hangs_loses_the_clock_to_the_other(
    toy_engine: Engine, start_worker: Callable[..., WorkerProcess]
) -> None:
    first = start_worker(ticks=0.05)
    wait_for(lambda: toys.count_notes(toy_engine, "tick") > 0)
    second = start_worker(ticks=0.05)
    first.process.send_signal(signal.SIGSTOP)
    try:
        wait_for(lambda: toys.count_notes(toy_engine, f"tick of {second.process.pid}") > 0)
    finally:
        first.process.send_signal(signal.SIGCONT)


def test_a_tick_that_fails_is_rolled_back_told_once_and_does_not_stop_the_others(
    toy_engine: Engine,
    toy_url: str,
    house: House,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.ERROR)
    process = Process(house, toy_url, ticks=toys.toy_ticks({"tick_badly": 0.05, "tick": 0.05}), pace=toys.PACE)
    with at_work(process) as ended:
        wait_for(lambda: toys.count_notes(toy_engine, "tick") >= 10)
    assert ended.result()
    assert toys.count_notes(toy_engine, "never kept") == 0
    told = capsys.readouterr().out + caplog.text
    assert "tick_badly" in told
    # It pauses longer each time: ten ticks of the other take half a second.
    assert told.count("tick failed") < 8


def test_a_clock_that_loses_its_lock_stops_ticking_until_it_has_it_again(
    toy_engine: Engine, toy_url: str, house: House
) -> None:
    process = Process(house, toy_url, ticks=toys.toy_ticks({"tick": 0.05}), pace=toys.PACE)
    with at_work(process):
        wait_for(lambda: toys.count_notes(toy_engine, "tick") > 0)
        with psycopg.connect(plain_address(toy_url), autocommit=True) as rival:
            cut_off_the_clock(toy_engine)
            rival.execute("SELECT pg_advisory_lock(%s)", [CLOCK_LOCK])
            time.sleep(0.5)
            ticks = toys.count_notes(toy_engine, "tick")
            time.sleep(0.5)
            assert toys.count_notes(toy_engine, "tick") == ticks
        wait_for(lambda: toys.count_notes(toy_engine, "tick") > ticks)


def test_a_tick_does_not_wait_long_for_a_row_that_somebody_keeps_locked(
    toy_engine: Engine, toy_url: str, house: House
) -> None:
    ticks = toys.toy_ticks({"tick_locked": 0.05, "tick": 0.05})
    with toy_engine.begin() as connection:
        connection.execute(text("INSERT INTO toy_switch VALUES ('locked')"))
    with toy_engine.begin() as keeper:
        keeper.execute(text("SELECT * FROM toy_switch FOR UPDATE"))
        with at_work(Process(house, toy_url, ticks=ticks, pace=toys.PACE)):
            wait_for(lambda: toys.count_notes(toy_engine, "tick") > 1, seconds=10)


def cut_off_the_clock(engine: Engine) -> None:
    """End the connection that holds the clock's lock."""
    holders = text(
        "SELECT pg_terminate_backend(pid, 2000) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with engine.begin() as connection:
        connection.execute(holders)


def test_a_tick_that_left_something_comes_again_at_once(toy_url: str, house: House) -> None:
    left = [True, True, False]

    def work_off(_session: Session, _presence: Presence) -> bool:
        return left.pop(0)

    process = Process(house, toy_url, ticks=(Tick(work_off, timedelta(hours=1)),), pace=toys.PACE)
    with at_work(process):
        wait_for(lambda: not left)
