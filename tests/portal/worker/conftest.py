"""A PostgreSQL of one's own, which may be stopped, and a fresh database in it for each test."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, make_url, text

from portal.servers.postgres import Postgres
from portal.worker.house import House
from portal.worker.process import Process
from registry_core import events, outbox
from registry_core.db import make_engine, make_sessions, plain_address, transaction
from registry_core.events import Event
from tests.portal.worker import toys

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 20.0


@pytest.fixture(scope="session")
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server that a test may stop and start."""
    server = Postgres(tmp_path_factory.mktemp("worker-postgres"), durable=False)
    server.start()
    yield server
    server.program.stop()


@pytest.fixture
def toy_url(own_postgres: Postgres) -> Iterator[str]:
    """The address of a fresh database with the tables of jobs and toys."""
    name = f"toy_{uuid4().hex[:8]}"
    with psycopg.connect(plain_address(own_postgres.url), autocommit=True) as line:
        line.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = make_url(own_postgres.url).set(database=name).render_as_string(hide_password=False)
    engine = make_engine(url)
    toys.lay_tables(engine)
    engine.dispose()
    yield url
    with psycopg.connect(plain_address(own_postgres.url), autocommit=True) as line:
        line.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def toy_engine(toy_url: str) -> Iterator[Engine]:
    """The test's own way to the database."""
    engine = make_engine(toy_url, pool_size=2)
    yield engine
    engine.dispose()


@pytest.fixture
def postbox() -> toys.Postbox:
    """Where the toys' house drops its mail."""
    return toys.Postbox()


@pytest.fixture
def house(toy_url: str, postbox: toys.Postbox) -> Iterator[House]:
    """The toys' house on the fresh database."""
    built = toys.toy_house(toy_url, postbox)
    yield built
    asyncio.run(built.close())


@pytest.fixture
def process(house: House, toy_url: str) -> Process:
    """A worker without a clock."""
    return Process(house, toy_url, pace=toys.PACE)


@contextmanager
def gone(server: Postgres) -> Iterator[None]:
    """Take the database server away for a while."""
    server.program.stop()
    try:
        yield
    finally:
        server.start()


@pytest.fixture(autouse=True)
def _events_of_the_house_come_back() -> Iterator[None]:
    """Take the toy event out again; other tests count the real ones."""
    reactions = dict(events._reactions)
    yield
    Event.registry.pop(toys.TOY_NAME, None)
    events._reactions.clear()
    events._reactions.update(reactions)


def happen(engine: Engine, what: str) -> None:
    """Record the toy event in a transaction of its own."""
    with transaction(make_sessions(engine)) as session:
        outbox.record(session, toys.ToyHappened(what))


def switch(engine: Engine, what: str) -> None:
    """Switch something on that a toy reaction looks at."""
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO toy_switch VALUES (:what)"), {"what": what})


def count_jobs(engine: Engine) -> int:
    """Count the jobs in the table."""
    with engine.connect() as connection:
        found: int = connection.scalars(text("SELECT count(*) FROM procrastinate_jobs")).one()
        return found


def wait_for(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is so, or fail."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@contextmanager
def at_work(process: Process) -> Iterator[Future[bool]]:
    """Run a worker beside the test, in a thread; the future says whether it ended in good order.

    The test keeps the main thread: a server started from another one would end with it.
    """
    stop = asyncio.Event()

    def work() -> bool:
        with runner:
            return runner.run(process.run(stop))

    with asyncio.Runner() as runner, ThreadPoolExecutor(1) as thread:
        loop = runner.get_loop()
        ended = thread.submit(work)
        try:
            yield ended
        finally:
            if not ended.done():
                loop.call_soon_threadsafe(stop.set)
            ended.exception()


class WorkerProcess:
    """A worker in a process of its own, which may be killed."""

    def __init__(self, url: str, *reactions: str, ticks: float = 0.0) -> None:
        environment = {**os.environ, "TOY_URL": url, "TOY_REACTIONS": ",".join(reactions), "TOY_TICKS": str(ticks)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.portal.worker.toy_worker"], env=environment, cwd=ROOT
        )

    def end(self, number: int) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)

    def clear_away(self) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def start_worker(toy_url: str) -> Iterator[Callable[..., WorkerProcess]]:
    """Start workers of their own that do not outlive the test."""
    started: list[WorkerProcess] = []

    def start(*reactions: str, ticks: float = 0.0) -> WorkerProcess:
        started.append(WorkerProcess(toy_url, *reactions, ticks=ticks))
        return started[-1]

    yield start
    for worker in started:
        worker.clear_away()
