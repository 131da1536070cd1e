"""The house of the chaos run: two web processes, a worker, PostgreSQL and Valkey, each its own to kill and start."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from portal.commands.seeding import migrate
from portal.preparation import ROOT
from portal.servers.ports import next_free
from portal.servers.postgres import Postgres
from portal.servers.programs import Program
from portal.servers.valkey import Valkey
from tests.chaos.waiting import until

HOST = "127.0.0.1"
# Below the ports that the system hands out to clients: a client could take the port of a dead server for its own end.
FIRST_PORT = 18_000
# A machine that others load as well takes a minute for what takes three seconds alone.
START_SECONDS = 300.0
WEB = ("web-1", "web-2")
WORKER = "worker"


class DidNotStart(RuntimeError):
    """A part of the house did not come back."""


@dataclass(slots=True)
class House:
    """Everything that runs, by its name."""

    postgres: Postgres
    valkey: Valkey
    ports: Mapping[str, int]
    programs: dict[str, Program] = field(default_factory=dict)
    turns: dict[str, asyncio.Lock] = field(default_factory=dict)

    # Faults are done by this process alone, one of each part at a time; nobody else's processes are touched.

    async def kill(self, name: str, pause_seconds: float) -> None:
        """Kill a web process or the worker where it stands, and start it again after a pause."""
        async with self._turn(name):
            program = self.programs[name]
            assert program.process is not None
            program.process.kill()
            await asyncio.to_thread(program.process.wait)
            await asyncio.sleep(pause_seconds)
            program.start()
            await self.wait_for(name)

    async def restart_valkey(self, pause_seconds: float) -> None:
        """Stop Valkey, which forgets everything, and start it again after a pause."""
        async with self._turn("valkey"):
            program = self.valkey.program
            assert program.process is not None
            program.process.terminate()
            await asyncio.to_thread(program.process.wait)
            await asyncio.sleep(pause_seconds)
            program.start()
            await _until(self.valkey.is_ready, program)

    async def restart_postgres(self, pause_seconds: float) -> None:
        """Let PostgreSQL drop everything at once, as in a crash, and recover after a pause."""
        async with self._turn("postgres"):
            program = self.postgres.program
            assert program.process is not None
            program.process.send_signal(signal.SIGQUIT)
            await asyncio.to_thread(program.process.wait)
            await asyncio.sleep(pause_seconds)
            program.start()
            await _until(self.postgres.is_ready, program)

    def _turn(self, name: str) -> asyncio.Lock:
        return self.turns.setdefault(name, asyncio.Lock())

    async def wait_for(self, name: str) -> None:
        """Wait until a web process takes connections; a worker has only to live. Raises DidNotStart."""
        port = self.ports.get(name)
        if port is not None:
            await _until(partial(_answers, port), self.programs[name])


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=1.0):
        return True
    return False


async def _until(is_ready: Callable[[], bool], program: Program) -> None:
    has_come = await until(lambda: is_ready() or program.exit_code is not None, START_SECONDS)
    if not has_come or program.exit_code is not None:
        raise DidNotStart(f"{program.name}\n{program.last_lines()}")


@contextmanager
def furnished(folder: Path) -> Iterator[House]:
    """Start PostgreSQL, which really writes to the disk, and Valkey, and lay the tables out."""
    postgres, valkey = Postgres((folder / "postgres").resolve(), durable=True), Valkey((folder / "valkey").resolve())
    try:
        postgres.start()
        valkey.program.sweep()
        valkey.program.start()
        valkey.wait_until_ready()
        migrate(postgres.url)
        yield House(postgres, valkey, _choose_ports())
    finally:
        valkey.program.stop()
        postgres.program.stop()


def _choose_ports() -> dict[str, int]:
    ports: dict[str, int] = {}
    last = FIRST_PORT + os.getpid() % 10_000
    for name in WEB:
        found = next_free(HOST, last)
        assert found is not None
        ports[name] = last = found
    return ports


@contextmanager
def inhabited(house: House, folder: Path, secret_key: str) -> Iterator[House]:
    """Start the web processes and the worker, and stop them afterwards."""
    common = {
        **os.environ,
        "DATABASE_URL": house.postgres.url,
        "REDIS_URL": house.valkey.url,
        "DESK_SECRET_KEY": secret_key,
        "DESK_MODE": "production",
        "DESK_LOG_LEVEL": "WARNING",
        "DESK_VAR": str(folder / "var"),
    }
    for name in (*WEB, WORKER):
        port = house.ports.get(name)
        own = {"DESK_PORT": str(port), "DESK_PUBLIC_URL": f"http://{HOST}:{port}"} if port else {}
        house.programs[name] = Program(
            name=name,
            command=[sys.executable, "-m", "portal.web" if port else "portal.worker"],
            notes=folder,
            log=folder / f"{name}.log",
            folder=ROOT,
            environment={**common, **own},
        )
    try:
        for program in house.programs.values():
            program.sweep()
            program.start()
        yield house
    finally:
        for program in house.programs.values():
            program.stop()
