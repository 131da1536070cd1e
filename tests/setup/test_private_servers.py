"""The private servers, really started, stopped, killed and started again."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest
from redis import Redis
from sqlalchemy import create_engine, make_url, text

from portal.servers.errors import ServerFailed, ServerInUse
from portal.servers.postgres import private_postgres
from portal.servers.programs import Program
from portal.servers.sockets import make_socket_directory
from portal.servers.valkey import private_valkey

HOLD = """
import sys, time
from pathlib import Path
from portal.servers.postgres import private_postgres
from portal.servers.valkey import private_valkey
folder = Path(sys.argv[1])
with private_postgres(folder / "postgres") as url, private_valkey(folder / "valkey"):
    print(url, flush=True)
    time.sleep(600)
"""


def query(url: str, statement: str) -> object:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def processes_of(folder: Path) -> list[psutil.Process]:
    """Every living process that was started for the folder."""
    return [process for process in psutil.process_iter(["cmdline", "cwd"]) if belongs(process, folder)]


def belongs(process: psutil.Process, folder: Path) -> bool:
    try:
        named = any(str(folder) in part for part in process.info["cmdline"] or [])
        return (named or str(process.info["cwd"]).startswith(str(folder))) and process.pid != os.getpid()
    except psutil.Error:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def hold_servers(folder: Path, path: str | None = None) -> subprocess.Popen[str]:
    """Start both servers in a process of their own and wait until they answer."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | ({"PATH": path} if path else {})
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert holder.stdout is not None
    assert holder.stdout.readline().startswith("postgresql+psycopg://")
    return holder


def kill(holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.communicate()


def only(folder: Path, *names: str) -> str:
    """Make a folder for the PATH that offers these programs of the machine and no others."""
    folder.mkdir()
    for name in names:
        found = shutil.which(name)
        if found:
            (folder / name).symlink_to(found)
    return str(folder)


def test_data_are_kept_and_nothing_is_left_running(tmp_path: Path) -> None:
    with private_postgres(tmp_path / "postgres") as url:
        query(url, "CREATE TABLE kept AS SELECT 42 AS number")
        assert make_url(url).host is None
    assert processes_of(tmp_path) == []
    with private_postgres(tmp_path / "postgres") as url:
        assert query(url, "SELECT number FROM kept") == 42
        assert query(url, "SHOW listen_addresses") == ""
        assert query(url, "SHOW timezone") == "UTC"
        assert query(url, "SELECT datcollate FROM pg_database WHERE datname = 'desk'") == "C.UTF-8"


def test_nobody_else_may_enter_the_folder_of_the_socket(tmp_path: Path) -> None:
    assert make_socket_directory(tmp_path, "socket").stat().st_mode & 0o777 == 0o700


def test_servers_end_with_a_killed_parent_and_start_again_with_their_data(tmp_path: Path) -> None:
    holder = hold_servers(tmp_path)
    with private_postgres(tmp_path / "postgres") as url:  # shared with the holder
        query(url, "CREATE TABLE kept AS SELECT 1 AS number")
    kill(holder)
    if shutil.which("setpriv"):
        wait_until(lambda: processes_of(tmp_path) == [])
    with private_postgres(tmp_path / "postgres") as url, private_valkey(tmp_path / "valkey") as address:
        assert query(url, "SELECT number FROM kept") == 1
        assert Redis.from_url(address).ping()


def test_servers_that_outlived_a_killed_parent_are_found_and_replaced(tmp_path: Path) -> None:
    holder = hold_servers(tmp_path, path=only(tmp_path / "bin", "unshare", "true"))
    before = {process.pid for process in processes_of(tmp_path)} - {holder.pid}
    kill(holder)
    time.sleep(0.3)
    assert {process.pid for process in processes_of(tmp_path)} & before
    with private_postgres(tmp_path / "postgres") as url, private_valkey(tmp_path / "valkey") as address:
        assert query(url, "SELECT 1") == 1
        assert Redis.from_url(address).ping()
        assert not before & {process.pid for process in processes_of(tmp_path)}
    assert processes_of(tmp_path) == []


def test_a_lock_file_with_the_number_of_another_program_is_no_hindrance(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    with private_postgres(folder):
        lock = (folder / "data" / "postmaster.pid").read_text()
    (folder / "data" / "postmaster.pid").write_text("\n".join([str(os.getppid()), *lock.splitlines()[1:]]))
    with private_postgres(folder) as url:
        assert query(url, "SELECT 1") == 1


def test_an_interrupted_first_start_is_begun_again(tmp_path: Path) -> None:
    unfinished = tmp_path / "postgres" / "data.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with private_postgres(tmp_path / "postgres") as url:
        assert query(url, "SELECT 1") == 1
    assert not unfinished.exists()


def test_data_of_another_major_version_are_left_alone_and_explained(tmp_path: Path) -> None:
    with private_postgres(tmp_path / "postgres"):
        pass
    (tmp_path / "postgres" / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(ServerFailed, match="PostgreSQL 12"), private_postgres(tmp_path / "postgres"):
        pass


def test_a_second_process_shares_the_server_or_is_told_who_has_it(tmp_path: Path) -> None:
    holder = hold_servers(tmp_path)
    try:
        with private_valkey(tmp_path / "valkey") as address:
            assert Redis.from_url(address).ping()
        with pytest.raises(ServerInUse, match=str(holder.pid)), private_postgres(tmp_path / "postgres", share=False):
            pass
        assert holder.poll() is None
        with private_postgres(tmp_path / "postgres") as url:
            assert query(url, "SELECT 1") == 1
    finally:
        kill(holder)


@pytest.mark.parametrize("name", ["长" * 60, "a,b c", "100% it's"])
def test_a_path_that_no_socket_fits_into_moves_the_socket(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    with private_postgres(folder / "postgres") as url, private_valkey(folder / "valkey") as address:
        assert query(url, "SELECT 1") == 1
        assert Redis.from_url(address).ping()
        with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as link:
            assert link.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to step down")
def test_without_user_namespaces_root_runs_it_as_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "shut"
    folder.mkdir(mode=0o700)
    holder = hold_servers(folder, path=only(tmp_path / "bin", "setpriv", "true"))
    servers = [process for process in processes_of(folder) if process.name() == "postgres"]
    assert {process.uids().effective for process in servers} == {65534}
    with private_postgres(folder / "postgres") as url:
        query(url, "CREATE TABLE kept AS SELECT 7 AS number")
    kill(holder)
    wait_until(lambda: processes_of(folder) == [])
    with private_postgres(folder / "postgres") as url:  # back in a user namespace: the files are root's again
        assert query(url, "SELECT number FROM kept") == 7


def test_a_program_that_cannot_start_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    with private_postgres(folder):
        pass
    (folder / "data" / "postgresql.conf").write_text("nonsense here\n")
    with pytest.raises(ServerFailed, match=r"postgresql\.conf"), private_postgres(folder):
        pass
    assert processes_of(tmp_path) == []


def test_a_note_with_the_number_of_another_process_is_not_believed(tmp_path: Path) -> None:
    program = Program(name="x", command=["true"], notes=tmp_path, log=tmp_path / "log", folder=tmp_path)
    program.note.write_text(f'{{"pid": {os.getpid()}, "started": 1.0}}')
    assert not program.sweep()
    assert not program.note.exists()
