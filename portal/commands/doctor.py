"""`./desk doctor`: look at this machine and the settings, and say what to do about each fault."""

import os
import platform
import shutil
import smtplib
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum

import click
import redis
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from portal.commands import browser, places, seeding
from portal.commands.console import say, tell_fault
from portal.config import Mode, Settings, SettingsFault
from portal.preparation import OLDEST_NODE, find_node
from portal.servers import ports
from portal.servers.errors import ServerFailed
from registry_core.db import make_engine
from registry_core.mail import TlsMode

LEAST_FREE_BYTES = 1_000_000_000
OLDEST_POSTGRES = 16
SECONDS = 5.0


class Verdict(Enum):
    """How a thing stands: well, well enough to leave, or in need of mending. The values are mark and colour."""

    WELL = ("✓", "green")
    NOTE = ("!", "yellow")
    FAULT = ("✗", "red")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it stands, what was found, and what to do about it."""

    name: str
    verdict: Verdict
    found: str
    advice: str = ""


def judge(*, is_well: bool) -> Verdict:
    """Return the verdict on something that is either well or a fault."""
    return Verdict.WELL if is_well else Verdict.FAULT


@click.command("doctor")
def command() -> None:
    """检查运行环境，并说明怎样修复 · check this machine and say how to mend it."""
    faults = 0
    for finding in examine():
        mark, colour = finding.verdict.value
        click.echo(f"{click.style(mark, fg=colour)} {finding.name}：{finding.found}")
        if finding.advice and finding.verdict is not Verdict.WELL:
            click.echo(f"    → {finding.advice}")
        faults += finding.verdict is Verdict.FAULT
    if faults:
        tell_fault(f"{faults} 处需要处理 · {faults} to mend")
        sys.exit(1)
    say("一切正常", "all is well")


def examine() -> Iterator[Finding]:
    """Look at everything, one after the other."""
    yield from (look_at_python(), look_at_node(), look_at_browser(), look_at_disk(), look_at_port())
    yield from look_at_servers()
    settings, faults = read_settings()
    yield faults
    if settings is not None:
        yield look_at_mail(settings)


def look_at_python() -> Finding:
    """Say which Python runs."""
    is_new = sys.version_info >= (3, 11)
    return Finding(
        "Python",
        judge(is_well=is_new),
        platform.python_version(),
        "请安装 Python 3.11 或更新的版本 · install Python 3.11",
    )


def look_at_node() -> Finding:
    """Say which Node builds the front end."""
    node = find_node()
    advice = f"请安装 Node.js {OLDEST_NODE}，或删除 var/venv 后再运行 ./desk up · install Node.js, or remove var/venv"
    return Finding(
        "Node.js", judge(is_well=node is not None), f"{node.version}（{node.binary}）" if node else "没有找到", advice
    )


def look_at_browser() -> Finding:
    """Say which browser the tests drive; the house itself runs without."""
    found = browser.find_browser()
    name = "浏览器 browser"
    if found is None:
        return Finding(name, Verdict.NOTE, "没有找到，只有测试和截图需要 · only for tests", browser.how_to_install())
    if not browser.has_chinese_font():
        return Finding(name, Verdict.NOTE, f"{found}，但没有中文字体 · no Chinese font", browser.how_to_install())
    return Finding(name, Verdict.WELL, str(found))


def look_at_disk() -> Finding:
    """Say how much room there is for data."""
    place = places.data_directory()
    advice = f"请腾出空间，或把 DESK_VAR 设到别的磁盘 · free some space below {place} or set DESK_VAR"
    existing = next(folder for folder in (place, *place.parents) if folder.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return Finding(
            "磁盘 disk",
            Verdict.FAULT,
            f"{place} 不能写入",
            "请把 DESK_VAR 设为可写的目录 · set DESK_VAR to a folder that may be written",
        )
    free = shutil.disk_usage(existing).free
    return Finding("磁盘 disk", judge(is_well=free >= LEAST_FREE_BYTES), f"{place} 还有 {free / 1e9:.1f} GB", advice)


def look_at_port() -> Finding:
    """Say whether the pages can be served."""
    host, wished = os.environ.get("DESK_HOST") or "127.0.0.1", os.environ.get("DESK_PORT") or "8000"
    name = "端口 port"
    if not wished.isdecimal():
        return Finding(
            name,
            Verdict.FAULT,
            f"DESK_PORT={wished}",
            "请把 DESK_PORT 设为 1 到 65535 的数字 · set DESK_PORT to a number",
        )
    if ports.is_free(host, int(wished)):
        return Finding(name, Verdict.WELL, f"{host}:{wished} 可用")
    running = places.running_address()
    if running:
        return Finding(name, Verdict.WELL, f"学籍服务台正在运行 {running}")
    other = ports.next_free(host, int(wished))
    return Finding(
        name, Verdict.FAULT, f"{host}:{wished} 已被占用", f"请用 ./desk up --port {other} · use another port"
    )


def look_at_servers() -> Iterator[Finding]:
    """Say whether database and Redis answer; private ones are started for the purpose if they do not run."""
    yield attempt("数据库 database", "DATABASE_URL", look_at_database)
    yield attempt("Redis", "REDIS_URL", look_at_redis)


def attempt(name: str, variable: str, look: Callable[[str], Finding]) -> Finding:
    """Look at a server and turn its failure into a finding."""
    configured = bool(os.environ.get(variable))
    advice = (
        f"请检查 {variable} 与该服务器 · check {variable} and that server"
        if configured
        else "请查看上面的日志 · see its log"
    )
    try:
        return look(name)
    except ServerFailed as fault:
        return Finding(name, Verdict.FAULT, str(fault), advice)
    except (SQLAlchemyError, redis.RedisError, OSError, ValueError) as fault:
        return Finding(name, Verdict.FAULT, str(fault).splitlines()[0], advice)


def look_at_database(name: str) -> Finding:
    """Say which PostgreSQL it is and whether its tables are up to date."""
    with places.database() as url:
        engine = make_engine(url)
        try:
            return judge_database(name, engine, ScriptDirectory.from_config(seeding.migration_settings(url)))
        finally:
            engine.dispose()


def judge_database(name: str, engine: Engine, scripts: ScriptDirectory) -> Finding:
    """Return the finding about a database that answers."""
    with engine.connect() as connection:
        version = str(connection.scalar(text("SHOW server_version")))
        current = MigrationContext.configure(connection).get_current_revision()
    if int(version.split(".", maxsplit=1)[0]) < OLDEST_POSTGRES:
        advice = f"请使用 PostgreSQL {OLDEST_POSTGRES} 或更新的版本 · use PostgreSQL {OLDEST_POSTGRES} or newer"
        return Finding(name, Verdict.FAULT, f"PostgreSQL {version}", advice)
    newest = scripts.get_current_head()
    if current != newest:
        found = f"PostgreSQL {version}，数据表 {current or '还没有建'}，最新 {newest}"
        return Finding(
            name,
            Verdict.NOTE if current is None else Verdict.FAULT,
            found,
            "./desk up 或 ./desk db migrate 会更新它 · brings it up to date",
        )
    return Finding(name, Verdict.WELL, f"PostgreSQL {version}，数据表 {current}")


def look_at_redis(name: str) -> Finding:
    """Say which Redis or Valkey it is."""
    with places.redis() as url, redis.Redis.from_url(url, socket_timeout=SECONDS) as link:
        known = link.info("server")
    version = known.get("valkey_version") or known.get("redis_version")
    return Finding(name, Verdict.WELL, f"{'Valkey' if 'valkey_version' in known else 'Redis'} {version}")


def read_settings() -> tuple[Settings | None, Finding]:
    """Check the variables of the environment as web and worker will."""
    stand_ins = {"DATABASE_URL": "postgresql+psycopg://", "REDIS_URL": "unix://", "DESK_MODE": Mode.DEMONSTRATION}
    present = {name: value for name, value in os.environ.items() if value}
    try:
        settings = Settings.from_environment(stand_ins | present)
    except SettingsFault as fault:
        return None, Finding("设置 settings", Verdict.FAULT, "有变量需要修改", str(fault).replace("\n", "\n    → "))
    return settings, Finding("设置 settings", Verdict.WELL, f"模式 {settings.mode}")


def look_at_mail(settings: Settings) -> Finding:
    """Say whether the mail server takes the connection and the password; nothing is sent."""
    name = "邮件 mail"
    if not settings.mail_host:
        found = f"没有设置 DESK_MAIL_HOST，邮件写到 {settings.var / 'mail'}"
        advice = "正式使用前请设置 DESK_MAIL_HOST、DESK_MAIL_SENDER 等 · set the DESK_MAIL_… variables before real use"
        return Finding(name, Verdict.NOTE if settings.is_demonstration else Verdict.FAULT, found, advice)
    where = f"{settings.mail_host}:{settings.mail_port}"
    try:
        greet(settings)
    except (OSError, smtplib.SMTPException) as fault:
        advice = "请检查 DESK_MAIL_HOST、PORT、TLS、USER、PASSWORD · check the DESK_MAIL_… variables"
        return Finding(name, Verdict.FAULT, f"{where}：{fault}", advice)
    return Finding(name, Verdict.WELL, where)


def greet(settings: Settings) -> None:
    """Open a connection to the mail server as the worker would, certificate checked, and close it."""
    trusted = ssl.create_default_context()
    with ExitStack() as stack:
        if settings.mail_tls is TlsMode.TLS:
            secure = smtplib.SMTP_SSL(settings.mail_host, settings.mail_port, timeout=SECONDS, context=trusted)
            link: smtplib.SMTP = stack.enter_context(secure)
        else:
            link = stack.enter_context(smtplib.SMTP(settings.mail_host, settings.mail_port, timeout=SECONDS))
        if settings.mail_tls is TlsMode.STARTTLS:
            link.starttls(context=trusted)
        if settings.mail_user:
            link.login(settings.mail_user, settings.mail_password)
        link.noop()
