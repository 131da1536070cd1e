"""`./desk up`: servers, tables, tree, cast, web and worker, until Ctrl-C."""

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from types import FrameType

import click

from portal.commands import places, seeding
from portal.commands.console import say, step, table
from portal.config import Mode, Settings
from portal.demonstration import DemonstrationPerson
from portal.preparation import ROOT
from portal.servers import ports
from portal.servers.errors import ServerFailed, ServerInUse
from portal.servers.ownership import owner_of, ownership
from portal.servers.processes import Supervisor
from portal.servers.programs import Program

DEFAULT_PORT = 8000
READY_SECONDS = 60.0
# A `./desk db …` in another window is given this long to finish with the database.
PATIENCE_SECONDS = 10.0


@click.command("up")
@click.option("--port", type=click.IntRange(1, ports.HIGHEST), help="网页端口，默认 8000 · the port of the web pages")
@click.option("--no-demo", is_flag=True, help="正式模式，不装入演示人员 · production mode, without the invented people")
def command(port: int | None, *, no_demo: bool) -> None:
    """启动学籍服务台，按 Ctrl-C 停止 · start Xueji Desk; Ctrl-C stops it."""
    listen_for_stop()
    try:
        with ExitStack() as stack:
            run(stack, port, no_demo=no_demo)
    except KeyboardInterrupt:
        say("已停止，数据都保留着", "stopped; all data are kept")


def run(stack: ExitStack, port: int | None, *, no_demo: bool) -> None:
    """Start everything on the stack, which stops it in the opposite order, and stay."""
    claim(stack)
    environment = child_environment(port, no_demo=no_demo)
    with step("启动数据库与缓存", "database and Redis"):
        servers = stack.enter_context(places.servers(share=False, wait_seconds=PATIENCE_SECONDS))
    environment |= servers.environment()
    settings = Settings.from_environment(environment)
    people = fill(settings)
    supervisor = stack.enter_context(Supervisor(programs(environment), say))
    # Entered last, so it runs first: a second Ctrl-C must not cut the orderly stop short.
    stack.callback(ignore_further_stops)
    with step("启动网页与后台任务", "web and worker"):
        wait_until_ready(settings, supervisor)
    welcome(settings, people)
    supervisor.watch()


def claim(stack: ExitStack) -> None:
    """Make sure that no other `./desk up` runs on these data. Raises ServerInUse."""
    directory = places.run_directory()
    if not stack.enter_context(ownership(directory)):
        message = (
            f"已经在运行了：{places.running_address()}（进程 {owner_of(directory)}）。"
            "要另开一套，请把 DESK_VAR 设为另一个目录 · "
            "it is running already; set DESK_VAR to another folder to run a second one"
        )
        raise ServerInUse(message)


def child_environment(port: int | None, *, no_demo: bool) -> dict[str, str]:
    """Return the environment of web and worker, but for the addresses of the servers."""
    mode = Mode.PRODUCTION if no_demo else os.environ.get("DESK_MODE") or Mode.DEMONSTRATION
    host = os.environ.get("DESK_HOST") or "127.0.0.1"
    environment = {
        **os.environ,
        "DESK_MODE": mode,
        "DESK_HOST": host,
        "DESK_PORT": str(choose_port(host, port)),
        "DESK_VAR": str(places.data_directory()),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    if mode == Mode.DEMONSTRATION and not environment.get("DESK_SECRET_KEY"):
        environment["DESK_SECRET_KEY"] = places.demonstration_secret()
    return environment


def choose_port(host: str, port: int | None) -> int:
    """Return the wished port if it is free. A port that nobody insists on gives way to the next one.

    Raises ServerFailed, naming a free port, when the wished one is busy.
    """
    insisted = port or configured_port()
    wished = insisted or DEFAULT_PORT
    if ports.is_free(host, wished):
        return wished
    other = ports.next_free(host, wished)
    if insisted or other is None:
        message = f"端口 {wished} 已被占用，可改用 ./desk up --port {other} · port {wished} is taken, {other} is free"
        raise ServerFailed(message)
    say(f"端口 {wished} 已被占用，改用 {other}", f"port {wished} is taken, using {other}")
    return other


def configured_port() -> int | None:
    """Return the port of the environment, if it names one. Raises ServerFailed when it is no port."""
    named = os.environ.get("DESK_PORT")
    if named and not (named.isascii() and named.isdecimal() and 1 <= int(named) <= ports.HIGHEST):
        message = (
            f"DESK_PORT 应是 1 到 {ports.HIGHEST} 之间的整数 · DESK_PORT must be a number from 1 to {ports.HIGHEST}"
        )
        raise ServerFailed(message)
    return int(named) if named else None


def fill(settings: Settings) -> Sequence[DemonstrationPerson]:
    """Bring the database up to date and return who may sign in with a printed password."""
    with step("更新数据表", "tables"):
        seeding.migrate(settings.database_url)
    if not seeding.has_tree(settings.database_url):
        with step("装入行政区划", "administrative tree"):
            seeding.load_tree(settings.database_url)
    with step("装入工作日历", "working-day calendar"):
        seeding.load_calendar(settings.database_url)
    with step("装入规则包", "rule packs"):
        seeding.load_rules(settings.database_url)
    if not settings.is_demonstration:
        return ()
    with step("装入演示人员", "demonstration cast"):
        return seeding.load_people(settings.database_url)


def programs(environment: Mapping[str, str]) -> list[Program]:
    """Return web and worker, in the order in which they are stopped."""
    data = places.data_directory()
    return [
        Program(
            name=name,
            command=[sys.executable, "-m", f"portal.{name}"],
            notes=places.run_directory(),
            log=data / "log" / f"{name}.log",
            folder=ROOT,
            environment=environment,
        )
        for name in ("web", "worker")
    ]


def wait_until_ready(settings: Settings, supervisor: Supervisor) -> None:
    """Wait for the first answer of the pages. Raises ServerFailed when a program ends before."""
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready(settings.host, settings.port):
        ended = next((one.program for one in supervisor.watched if one.program.exit_code is not None), None)
        if ended or time.monotonic() > deadline:
            program = ended or supervisor.watched[0].program
            summary = f"{program.name} 没有启动成功，日志 {program.log} · {program.name} did not start"
            raise ServerFailed(f"{summary}\n{program.last_lines()}")
        time.sleep(0.05)


def is_ready(host: str, port: int) -> bool:
    """Return whether the web process answers that all is well."""
    link = HTTPConnection(host, port, timeout=2)
    try:
        link.request("GET", "/readyz")
        return link.getresponse().status == HTTPStatus.OK
    except (HTTPException, OSError):
        return False
    finally:
        link.close()


def welcome(settings: Settings, people: Sequence[DemonstrationPerson]) -> None:
    """Print the address, who may sign in, and where the logs are."""
    (places.run_directory() / "address").write_text(settings.public_url)
    click.echo()
    click.secho(f"  学籍服务台 · Xueji Desk   {settings.public_url}", bold=True)
    if people:
        rows = [(one.user_name, one.password, one.name, one.role_label, one.unit_name) for one in people]
        click.echo("\n" + table(("用户名 user", "密码 password", "姓名 name", "角色 role", "单位 unit"), rows))
    click.echo()
    say(f"  日志 {places.data_directory() / 'log'}，按 Ctrl-C 停止", "logs there; Ctrl-C stops")


def listen_for_stop() -> None:
    """Let Ctrl-C, SIGTERM and a closed terminal end the command in the same orderly way.

    A shell ignores SIGINT for what it starts in the background, but who sends it means it; `nohup` means what it does.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, interrupt)


def interrupt(number: int, frame: FrameType | None) -> None:
    """Act as Ctrl-C does."""
    del number, frame
    raise KeyboardInterrupt


def ignore_further_stops() -> None:
    """Let the orderly stop come to its end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    say("\n正在停止 …", "stopping")
