"""The real system for journeys and screenshots: private servers, web and worker as child processes, a mail server."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine

from portal.commands import seeding
from portal.commands.up import is_ready
from portal.preparation import ROOT
from portal.servers.postgres import private_postgres
from portal.servers.programs import Program
from portal.servers.valkey import private_valkey
from registry_core.db import make_engine
from registry_core.store import Redis, make_store
from registry_core.webpush.destinations import KNOWN_SERVICES
from tests.journeys.mailbox import Mailbox, mail_server
from tests.registry_core.webpush.push_service import Service, push_service

HOST = "127.0.0.1"
READY_SECONDS = 60.0
TELL_AFTER_SECONDS = 2
LOOK_SECONDS = 0.05
WEB_AND_WORKER = ("web", "worker")

Found = TypeVar("Found")


def until(look: Callable[[], Found | None], *, seconds: float = 10.0, what: str = "") -> Found:
    """Look again and again until there is something to see, and return it; an assertion fails when time is over."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, what or f"not within {seconds} s: {look}"
        time.sleep(LOOK_SECONDS)
    return found


class RunningSystem:
    """Web and worker on servers of their own. `address` is where the pages are."""

    mailbox: Mailbox
    pushes: Service

    def __init__(
        self, folder: Path, database_url: str, redis_url: str, mail_port: int, *, push_service: str = ""
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://{HOST}:{self.port}"
        self.engine: Engine = make_engine(database_url)
        self.store: Redis = make_store(redis_url)
        environment = child_environment(folder, self.port, mail_port, database_url, redis_url)
        if push_service:
            environment["DESK_PUSH_SERVICES"] = ",".join((*KNOWN_SERVICES, push_service))
        self.programs = {name: make_program(name, folder, environment) for name in WEB_AND_WORKER}
        self._read_up_to = dict.fromkeys(WEB_AND_WORKER, 0)

    def start(self) -> None:
        """Start both and wait until the pages answer."""
        for program in self.programs.values():
            program.start()
        self.wait_until_ready()

    def stop(self) -> None:
        """Stop both."""
        for program in self.programs.values():
            program.stop()
        self.engine.dispose()
        self.store.close()

    def wait_until_ready(self) -> None:
        """Wait for the first answer of the web process."""
        web = self.programs["web"]

        def look() -> bool:
            assert web.exit_code is None, f"the web process has ended:\n{web.last_lines(40)}"
            return is_ready(HOST, self.port)

        until(look, seconds=READY_SECONDS)

    def kill_web(self) -> None:
        """Kill the web process as a power cut would: SIGKILL, no farewell."""
        process = self.programs["web"].process
        assert process is not None
        process.kill()
        process.wait()

    def start_web(self) -> None:
        """Start the web process again, on the same port."""
        self.programs["web"].start()
        self.wait_until_ready()

    def new_faults(self) -> list[str]:
        """Read what web and worker have logged as errors since the last look."""
        return [line for name in WEB_AND_WORKER for line in self._new_lines(name) if is_fault(line)]

    def _new_lines(self, name: str) -> list[str]:
        with self.programs[name].log.open(encoding="utf-8", errors="replace") as log:
            log.seek(self._read_up_to[name])
            lines = log.readlines()
            self._read_up_to[name] = log.tell()
        return lines


def is_fault(line: str) -> bool:
    """Say whether a line of a log tells of a fault: an error of ours, or anything that is no line of the log at all."""
    try:
        said = json.loads(line)
    except ValueError:
        return bool(line.strip())
    return not isinstance(said, dict) or said.get("level") in ("error", "critical")


def child_environment(folder: Path, port: int, mail_port: int, database_url: str, redis_url: str) -> dict[str, str]:
    """Return the environment of web and worker; nothing that is set for the caller's own system reaches them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DESK_")}
    return kept | {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DESK_MODE": "demonstration",
        "DESK_SECRET_KEY": "a key of the journeys that opens nothing else",
        "DESK_PORT": str(port),
        "DESK_VAR": str(folder),
        "DESK_MAIL_HOST": HOST,
        "DESK_MAIL_PORT": str(mail_port),
        "DESK_MAIL_SENDER": "desk@demo.invalid",
        "DESK_TELL_AFTER_SECONDS": str(TELL_AFTER_SECONDS),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }


def make_program(name: str, folder: Path, environment: dict[str, str]) -> Program:
    """Return web or worker, ready to be started."""
    return Program(
        name=name,
        command=[sys.executable, "-m", f"portal.{name}"],
        notes=folder / "run",
        log=folder / "log" / f"{name}.log",
        folder=ROOT,
        environment=environment,
    )


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_system(folder: Path) -> Iterator[RunningSystem]:
    """Run the whole demonstration: tables, the tree of the whole country, the cast, web, worker and mail."""
    mail_port = free_port()
    with (
        private_postgres(folder / "postgres", durable=False) as database_url,
        private_valkey(folder / "valkey") as redis_url,
        mail_server(mail_port) as mailbox,
        push_service() as pushes,
    ):
        seeding.migrate(database_url)
        seeding.load_tree(database_url)
        seeding.load_people(database_url)
        system = RunningSystem(folder, database_url, redis_url, mail_port, push_service=pushes.address)
        system.mailbox, system.pushes = mailbox, pushes
        try:
            system.start()
            yield system
        finally:
            system.stop()
