"""The servers under load: the product's own web process, and bare room servers on Node and on Flask-SocketIO."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from portal.preparation import ROOT, find_node, find_wheel_node
from portal.servers.programs import Program
from tests.ports import HOST, free_port

START_SECONDS = 30.0
NODE_SERVER = Path(__file__).resolve().parents[1] / "node" / "room_server.mjs"


class NoNode(RuntimeError):
    """There is nothing to compare with: no Node, or its packages are not installed."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Where the servers and the load run; the same core for both servers. None where there is only one core."""

    server: int | None
    load: int | None

    @classmethod
    def choose(cls) -> Cores:
        """Take two of the cores that this process may use."""
        usable = sorted(os.sched_getaffinity(0))
        return cls(usable[0], usable[1]) if len(usable) > 1 else cls(None, None)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    name: str
    port: int
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """How long it has worked so far."""
        times = self.process.cpu_times()
        return times.user + times.system

    def memory_kb(self) -> int:
        """How much memory it holds."""
        return self.process.memory_info().rss // 1024


PYTHON = str(ROOT / "var" / "venv" / "bin" / "python")


def command_of(name: str, port: int, redis_url: str) -> list[str]:
    """Return the command of a server: product, node, or a bare one by its transport (direct, stock, shared).

    Raises NoNode.
    """
    if name == "product":
        return [PYTHON, "-m", "portal.web"]
    if name == "node":
        return [*node_command(), str(port)]
    room_server = [PYTHON, "-m", "tests.room_server", str(port)]
    return [*room_server, "direct", redis_url] if name == "shared" else [*room_server, name]


def node_command() -> list[str]:
    """Return the command of the bare server, but for its port.

    Raises NoNode.
    """
    node = find_node() or find_wheel_node()
    if node is None or not (ROOT / "node_modules" / "socket.io").is_dir():
        raise NoNode("Node or its packages are missing: `./desk test` installs both")
    return [str(node.binary), str(NODE_SERVER)]


@contextmanager
def running(name: str, folder: Path, cores: Cores, environment: Mapping[str, str]) -> Iterator[Server]:
    """Run a server, pinned to its core, until the end of the block; its name says which."""
    port = free_port()
    program = Program(
        name=name,
        command=command_of(name, port, os.environ["REDIS_URL"]),
        notes=folder,
        log=folder / f"{name}.log",
        folder=ROOT,
        environment={**os.environ, **environment, "DESK_PORT": str(port), "DESK_PUBLIC_URL": f"http://{HOST}:{port}"},
    )
    program.sweep()
    with pinned(cores.server):
        program.start()
    try:
        assert program.process is not None
        wait_until_it_listens(program, port)
        yield Server(name, port, psutil.Process(program.process.pid))
    finally:
        program.stop()


@contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """Keep this process, and those that it starts meanwhile, on one core."""
    before = os.sched_getaffinity(0)
    if core is not None:
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def wait_until_it_listens(program: Program, port: int) -> None:
    """Wait until the server takes connections.

    Raises RuntimeError with the end of the log.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and program.is_running:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1.0):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{program.name} did not start\n{program.last_lines()}")
