"""A bare room server for each transport, shared by the tests of a module."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.registry_core.live.raw_line import RawLine, connect

ROOT = Path(__file__).parents[3]
START_SECONDS = 60.0


@contextmanager
def room_server(transport: str, *more: str) -> Iterator[int]:
    """Run a room server; gives its port."""
    port = free_port()
    command = [sys.executable, "-m", "tests.room_server", str(port), transport, *more]
    program = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_until_it_listens(port, program)
        yield port
    finally:
        program.kill()
        program.wait()


def wait_until_it_listens(port: int, program: subprocess.Popen[bytes]) -> None:
    """Wait until somebody takes connections."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert program.poll() is None
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return
        time.sleep(0.05)
    raise AssertionError


class Lines:
    """Opens lines, and closes all of them at the end."""

    def __init__(self) -> None:
        self._open: list[RawLine] = []

    def ask(self, port: int, **headers: str) -> RawLine:
        """Send a handshake, right or wrong."""
        self._open.append(line := RawLine(port, headers))
        return line

    def __call__(self, port: int, *, receive_buffer: int = 0) -> RawLine:
        """Open a line up to where commands may be sent."""
        self._open.append(line := connect(port, receive_buffer=receive_buffer))
        return line

    def close(self) -> None:
        """Cut every line without a word."""
        for line in self._open:
            line.close()


@pytest.fixture
def dial() -> Iterator[Lines]:
    """What opens lines."""
    lines = Lines()
    yield lines
    lines.close()


@pytest.fixture(scope="module", params=["direct", "stock"])
def any_server(request: pytest.FixtureRequest) -> Iterator[int]:
    """The port of a room server, once on each transport."""
    with room_server(request.param) as port:
        yield port


@pytest.fixture(scope="module")
def direct_server() -> Iterator[int]:
    """The port of a room server on the direct transport."""
    with room_server("direct") as port:
        yield port
