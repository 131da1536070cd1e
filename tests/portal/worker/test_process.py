"""Jobs are done once their transaction is committed, at least once, whatever dies meanwhile."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from procrastinate import App, PsycopgConnector
from procrastinate.jobs import Job
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal.servers.postgres import Postgres
from portal.worker.backoff import BackOff
from portal.worker.house import House
from portal.worker.process import Process, hush_procrastinate, make_worker
from portal.worker.rescue import Rescue
from portal.worker.tasks import Roll
from registry_core import outbox
from registry_core.db import make_sessions, plain_address, transaction
from tests.portal.worker import toys
from tests.portal.worker.conftest import WorkerProcess, at_work, count_jobs, gone, happen, switch, wait_for

StartWorker = Callable[..., WorkerProcess]


def test_a_job_of_a_transaction_that_rolls_back_was_never_there(toy_engine: Engine) -> None:
    toys.install_toys("succeed")
    with Session(toy_engine) as session:
        outbox.record(session, toys.ToyHappened("never"))
        session.rollback()
    assert count_jobs(toy_engine) == 0


def test_a_job_of_a_released_savepoint_waits_for_the_outer_commit(toy_engine: Engine) -> None:
    toys.install_toys("succeed")
    with Session(toy_engine) as session:
        with session.begin_nested():
            outbox.record(session, toys.ToyHappened("later"))
        assert count_jobs(toy_engine) == 0
        session.commit()
    assert count_jobs(toy_engine) == 1


def test_a_committed_job_runs_once_and_leaves_the_table(toy_engine: Engine, process: Process) -> None:
    toys.install_toys("succeed")
    happen(toy_engine, "one")
    with at_work(process) as ended:
        wait_for(lambda: count_jobs(toy_engine) == 0)
    assert ended.result()
    assert toys.count_notes(toy_engine, "succeed one") == 1


def test_a_job_for_later_waits_for_its_instant(toy_engine: Engine, process: Process) -> None:
    toys.install_toys("succeed")
    with toy_engine.connect() as connection:
        soon = connection.scalars(text("SELECT now() + interval '1 second'")).one()
    with transaction(make_sessions(toy_engine)) as session:
        outbox.record(session, toys.ToyHappened("later"), at=soon)
    with at_work(process):
        wait_for(lambda: toys.count_notes(toy_engine, "succeed later") == 1)
    with toy_engine.connect() as connection:
        assert connection.scalars(text("SELECT at FROM toy_note")).one() >= soon


def test_several_that_wait_are_written_together_each_with_its_instant(toy_engine: Engine) -> None:
    toys.install_toys("succeed", "fail_until_mended")
    soon = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
    later = soon + timedelta(minutes=1)
    due = [outbox.Due(toys.ToyHappened(what), at) for what, at in (("a", soon), ("b", later), ("c", soon))]
    with transaction(make_sessions(toy_engine)) as session:
        outbox.record_due(session, due)
        outbox.record_due(session, [])
    query = "SELECT args->'payload'->>'what', scheduled_at, priority, count(*) FROM procrastinate_jobs GROUP BY 1, 2, 3"
    with toy_engine.connect() as connection:
        written = connection.execute(text(query)).all()
    # One job for each of the two reactions, and none behind others.
    assert sorted(tuple(row) for row in written) == [("a", soon, 0, 2), ("b", later, 0, 2), ("c", soon, 0, 2)]


def test_a_failing_reaction_is_tried_again_and_the_others_are_not(toy_engine: Engine, process: Process) -> None:
    toys.install_toys("succeed", "fail_until_mended")
    happen(toy_engine, "two")
    with at_work(process):
        wait_for(lambda: most_attempts(toy_engine) >= 2)
        assert toys.count_notes(toy_engine, "mended two") == 0
        switch(toy_engine, "mended")
        wait_for(lambda: count_jobs(toy_engine) == 0)
    assert toys.count_notes(toy_engine, "mended two") == 1
    assert toys.count_notes(toy_engine, "succeed two") == 1


def test_a_reaction_that_this_version_lacks_waits_for_a_newer_worker(toy_engine: Engine, process: Process) -> None:
    toys.install_toys("succeed")
    happen(toy_engine, "new")
    toys.install_toys("fail_until_mended")
    with at_work(process):
        wait_for(lambda: most_attempts(toy_engine) > 0)
        toys.install_toys("succeed")
        wait_for(lambda: count_jobs(toy_engine) == 0)
    assert toys.count_notes(toy_engine, "succeed new") == 1


def test_a_job_that_fails_for_good_is_kept_as_failed(toy_engine: Engine, toy_url: str, house: House) -> None:
    toys.install_toys("fail_until_mended")
    happen(toy_engine, "for good")
    thrice = replace(toys.PACE, reactions=BackOff(first=timedelta(0), longest=timedelta(0), attempts=3))
    with at_work(Process(house, toy_url, pace=thrice)), toy_engine.connect() as connection:
        query = text("SELECT attempts FROM procrastinate_jobs WHERE status = 'failed'")
        wait_for(lambda: connection.execute(query).first() is not None)
        assert connection.scalars(query).one() == 3


def test_the_log_tells_of_jobs_without_what_they_carry(
    toy_engine: Engine, process: Process, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    hush_procrastinate()
    toys.install_toys("succeed", "fail_until_mended")
    happen(toy_engine, "13812345678")
    with at_work(process):
        wait_for(lambda: most_attempts(toy_engine) > 0)
    printed = capsys.readouterr()
    everything = caplog.text + printed.out + printed.err + "".join(str(vars(record)) for record in caplog.records)
    assert "fail_until_mended" in everything
    assert "13812345678" not in everything


def test_a_job_whose_worker_was_killed_is_done_by_the_next_one(toy_engine: Engine, start_worker: StartWorker) -> None:
    toys.install_toys("hang_until_released")
    happen(toy_engine, "three")
    first = start_worker("hang_until_released")
    wait_for(lambda: toys.count_notes(toy_engine, "began three") == 1)
    first.end(signal.SIGKILL)
    switch(toy_engine, "released")
    start_worker("hang_until_released")
    wait_for(lambda: count_jobs(toy_engine) == 0)
    assert toys.count_notes(toy_engine, "began three") == 2
    assert toys.count_notes(toy_engine, "released three") == 1


def test_a_stopping_worker_leaves_within_five_seconds_and_hands_its_job_back(
    toy_engine: Engine, start_worker: StartWorker
) -> None:
    toys.install_toys("hang_until_released")
    happen(toy_engine, "four")
    worker = start_worker("hang_until_released")
    wait_for(lambda: toys.count_notes(toy_engine, "began four") == 1)
    began = time.monotonic()
    worker.end(signal.SIGTERM)
    assert time.monotonic() - began < 5
    switch(toy_engine, "released")
    start_worker("hang_until_released")
    wait_for(lambda: count_jobs(toy_engine) == 0)
    assert toys.count_notes(toy_engine, "released four") == 1


def test_an_idle_worker_stops_at_once_and_in_good_order(toy_engine: Engine, start_worker: StartWorker) -> None:
    toys.install_toys("succeed")
    worker = start_worker("succeed")
    happen(toy_engine, "five")
    wait_for(lambda: toys.count_notes(toy_engine, "succeed five") == 1)
    began = time.monotonic()
    assert worker.end(signal.SIGTERM) == 0
    assert time.monotonic() - began < 2
    with toy_engine.connect() as connection:
        assert connection.scalars(text("SELECT count(*) FROM procrastinate_workers")).one() == 0


def test_a_worker_takes_jobs_again_after_the_database_was_away(
    toy_engine: Engine, toy_url: str, house: House, own_postgres: Postgres
) -> None:
    toys.install_toys("succeed")
    happen(toy_engine, "before")
    process = Process(house, toy_url, ticks=toys.toy_ticks({"tick": 0.1}), pace=toys.PACE)
    with at_work(process) as ended:
        wait_for(lambda: toys.count_notes(toy_engine, "succeed before") == 1)
        with gone(own_postgres):
            time.sleep(2)
        ticks = toys.count_notes(toy_engine, "tick")
        happen(toy_engine, "after")
        wait_for(lambda: toys.count_notes(toy_engine, "succeed after") == 1)
        wait_for(lambda: toys.count_notes(toy_engine, "tick") > ticks)
        wait_for(lambda: count_jobs(toy_engine) == 0)
    assert ended.result()


def test_a_worker_that_starts_before_its_database_waits_for_it(
    toy_engine: Engine, process: Process, own_postgres: Postgres
) -> None:
    toys.install_toys("succeed")
    happen(toy_engine, "early")
    with at_work(process):
        with gone(own_postgres):
            time.sleep(1)
        wait_for(lambda: toys.count_notes(toy_engine, "succeed early") == 1)


def test_a_worker_stops_although_the_database_is_away(process: Process, own_postgres: Postgres) -> None:
    with gone(own_postgres):
        with at_work(process):
            time.sleep(1)
            began = time.monotonic()
        assert time.monotonic() - began < 5


def test_a_job_that_its_worker_has_lost_sight_of_is_put_back(toy_engine: Engine, process: Process) -> None:
    """The connection may break after the job was fetched: it is marked as under way and nobody does it."""
    toys.install_toys("succeed")
    with at_work(process):
        wait_for(lambda: find_worker(toy_engine) is not None)
        with transaction(make_sessions(toy_engine)) as session:
            outbox.record(session, toys.ToyHappened("lost"))
            lose = text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :id")
            session.execute(lose, {"id": find_worker(toy_engine)})
        wait_for(lambda: toys.count_notes(toy_engine, "succeed lost") == 1)


def test_a_worker_waits_for_tables_that_are_not_there_yet(
    toy_engine: Engine, process: Process, capsys: pytest.CaptureFixture[str]
) -> None:
    toys.install_toys("succeed")
    happen(toy_engine, "migrated")
    with toy_engine.begin() as connection:
        connection.execute(text("ALTER TABLE procrastinate_workers RENAME TO away"))
    with at_work(process):
        time.sleep(1)
        with toy_engine.begin() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO procrastinate_workers"))
        wait_for(lambda: toys.count_notes(toy_engine, "succeed migrated") == 1)
    assert "UndefinedTable" in capsys.readouterr().out


def test_a_worker_that_is_not_registered_calls_no_job_its_own(toy_engine: Engine, toy_url: str) -> None:
    toys.install_toys("succeed")
    happen(toy_engine, "another's")
    with toy_engine.begin() as connection:
        connection.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))

    async def look() -> list[Job]:
        jobs = App(connector=PsycopgConnector(conninfo=plain_address(toy_url)))
        rescue = Rescue(jobs, make_worker(jobs, Roll(), toys.PACE), Roll(), toys.PACE)
        async with jobs.open_async():
            return [*await rescue._forgotten(), *await rescue._forgotten()]

    assert asyncio.run(look()) == []


def test_what_breaks_the_worker_itself_is_not_swallowed(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(process._clock, "run", broken)
    with at_work(process) as ended, pytest.raises(ZeroDivisionError):
        ended.result(5)


def test_the_plain_address_is_what_psycopg_reads() -> None:
    assert plain_address("postgresql+psycopg://a:b%40c@h:1/d?host=%2Fx") == "postgresql://a:b%40c@h:1/d?host=%2Fx"


def most_attempts(engine: Engine) -> int:
    with engine.connect() as connection:
        found: int = connection.scalars(text("SELECT coalesce(max(attempts), 0) FROM procrastinate_jobs")).one()
        return found


def find_worker(engine: Engine) -> int | None:
    with engine.connect() as connection:
        found: int | None = connection.scalars(text("SELECT id FROM procrastinate_workers")).one_or_none()
        return found
