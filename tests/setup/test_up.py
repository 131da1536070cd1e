"""`./desk up` as a person starts it, in a folder of its own: started, stopped, killed, started again."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis
from sqlalchemy import create_engine, text

from portal.preparation import ROOT
from portal.servers.postgres import private_postgres
from portal.servers.valkey import private_valkey

pytestmark = pytest.mark.xdist_group("up")

SECONDS = 90.0
SETTINGS = ("DATABASE_URL", "REDIS_URL")


class House:
    """One `./desk up` after the other on the same data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = folder / "said"
        self.process: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = server.getsockname()[1]

    def start(self, *options: str, **settings: str) -> None:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("DESK_") and name not in SETTINGS
        }
        environment = {**kept, "DESK_VAR": str(self.folder / "var"), "DESK_PORT": str(self.port), **settings}
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, ROOT / "desk", "up", *options], stdout=said, stderr=said, env=environment
            )

    def wait_until_up(self) -> str:
        wait_for(lambda: "Ctrl-C stops" in self.output() or self.code() is not None)
        assert self.code() is None, self.output()
        return self.output()

    def output(self) -> str:
        return self.said.read_text(encoding="utf-8", errors="replace")

    def code(self) -> int | None:
        return self.process.poll() if self.process else None

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(30)

    def read(self, page: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{page}", timeout=10) as answer:
            return int(answer.status)

    def children(self) -> list[psutil.Process]:
        """Every living process of this house but `./desk up` itself."""
        mine = self.process.pid if self.process else 0
        return [process for process in psutil.process_iter() if process.pid != mine and self.owns(process)]

    def owns(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            return process.environ().get("DESK_VAR") == str(self.folder / "var") or str(self.folder) in str(
                process.cmdline()
            )
        except psutil.Error:
            return False


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    if house.code() is None and house.process is not None:
        house.end(signal.SIGTERM)


def test_up_serves_restarts_what_dies_and_leaves_nothing_behind(house: House) -> None:
    house.start()
    said = house.wait_until_up()
    assert f"http://127.0.0.1:{house.port}" in said
    assert re.search(r"xuexiao_xueji +\S+ +李晓芸", said)
    assert house.read("/readyz") == 200
    assert house.read("/sign-in") == 200

    second = House(house.folder)
    second.said = house.folder / "second"
    second.start()
    wait_for(lambda: second.code() is not None)
    assert second.code() == 1
    assert f"http://127.0.0.1:{house.port}" in second.output()

    web = next(process for process in house.children() if "portal.web" in process.cmdline())
    web.kill()
    wait_for(lambda: "SIGKILL" in house.output())
    wait_for(lambda: is_answering(house))

    assert house.end(signal.SIGINT) == 0
    assert house.children() == []


def test_data_and_key_outlive_both_a_stop_and_a_kill(house: House) -> None:
    var = house.folder / "var"
    house.start()
    house.wait_until_up()
    key = (var / "secret.key").read_text()
    assert (var / "secret.key").stat().st_mode & 0o077 == 0
    with private_postgres(var / "postgres") as url:  # the running one, shared
        execute(url, "CREATE TABLE kept AS SELECT 1")
    assert house.end(signal.SIGKILL) == -signal.SIGKILL
    house.start()
    house.wait_until_up()
    with private_postgres(var / "postgres") as url:
        execute(url, "DROP TABLE kept")
    assert (var / "secret.key").read_text() == key
    assert house.end(signal.SIGTERM) == 0
    assert house.children() == []


def test_configured_servers_are_used_and_none_is_started(
    house: House, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with private_postgres(elsewhere / "postgres") as database, private_valkey(elsewhere / "valkey") as redis:
        house.start(DATABASE_URL=database, REDIS_URL=redis)
        house.wait_until_up()
        names = [process.name() for process in house.children()]
        assert not any(name.startswith(("postgres", "valkey")) for name in names), names
        assert not (house.folder / "var" / "postgres").exists()
        assert house.end(signal.SIGINT) == 0
        execute(database, "SELECT 1 FROM org_unit")
        with Redis.from_url(redis) as link:
            assert link.ping()


def test_production_without_a_secret_is_refused_with_the_name_of_the_variable(house: House) -> None:
    house.start("--no-demo")
    wait_for(lambda: house.code() is not None)
    assert house.code() == 1
    assert "DESK_SECRET_KEY" in house.output()
    assert "Traceback" not in house.output()
    assert house.children() == []


def test_a_taken_port_is_named_together_with_a_free_one(house: House) -> None:
    with socket.create_server(("127.0.0.1", house.port)):
        house.start()
        wait_for(lambda: house.code() is not None)
    assert house.code() == 1
    assert str(house.port) in house.output()
    assert "--port" in house.output()


def test_a_port_that_is_none_is_named(house: House) -> None:
    house.start(DESK_PORT="eight")
    wait_for(lambda: house.code() is not None)
    assert house.code() == 1
    assert "DESK_PORT" in house.output()
    assert "Traceback" not in house.output()


def is_answering(house: House) -> bool:
    try:
        return house.read("/readyz") == 200
    except OSError:
        return False


def execute(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
