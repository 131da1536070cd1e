"""`./desk db …`: look after the database."""

import os
import sys
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from portal.commands import places, seeding
from portal.commands.console import say, step
from portal.commands.scripts import run_attached
from portal.servers.errors import ServerFailed
from portal.servers.postgres import BINARIES
from registry_core.orgs import queries, services
from registry_core.orgs.errors import LoadRefused, UnitNotFound
from registry_core.orgs.models import CodeScheme, Level, OrgUnit
from registry_core.rules.errors import PacksRefused

DELETES_ALL = "将删除数据库里的全部数据，继续吗 · this deletes everything in the database. Go on?"


@click.group("db")
def command() -> None:
    """管理数据库；不在运行时会临时启动它 · look after the database, started for the purpose if need be."""


@command.command("migrate")
def migrate() -> None:
    """更新数据表到最新版本 · bring the tables to the newest form."""
    with places.database() as url, step("更新数据表", "tables"):
        seeding.migrate(url)


@command.command("load-regions")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_regions(file: Path | None) -> None:
    """装入行政区划文件（省略时用自带的）；可反复执行 · load divisions; repeatable, all or nothing."""
    with places.database() as url:
        seeding.migrate(url)
        try:
            report = seeding.load_tree(url, file)
        except LoadRefused as refusal:
            click.echo("\n".join(fault.text for fault in refusal.faults), err=True)
            raise
    click.echo("\n".join(report.lines()))


@command.command("load-calendar")
def load_calendar() -> None:
    """装入自带的工作日历；已有的年份不动 · load the shipped working-day calendar; years that are there stay."""
    with places.database() as url:
        seeding.migrate(url)
        years = seeding.load_calendar(url)
    loaded = "、".join(map(str, years)) or "无 · none"
    say(f"已装入的年份：{loaded}", "years loaded")


@command.command("load-rules")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[文件…]")
def load_rules(files: tuple[Path, ...]) -> None:
    """装入规则包（省略文件时用自带的）；可反复执行 · load rule packs; repeatable, all or nothing."""
    with places.database() as url:
        seeding.migrate(url)
        try:
            report = seeding.load_rules(url, files)
        except PacksRefused as refusal:
            click.echo("\n".join(fault.text for fault in refusal.faults), err=True)
            raise
    click.echo("\n".join(report.lines()))


@command.command("add-unit")
@click.argument("name")
@click.option(
    "--under", help="上级单位的代码或编号，省略为教育部 · code or id of the unit above; the ministry without it"
)
@click.option("--level", type=click.Choice([level.value for level in Level]), required=True, help="层级 · level")
@click.option("--code", help="单位代码，可省略 · code, may be left out")
def add_unit(name: str, under: str | None, level: str, code: str | None) -> None:
    """在行政树上添加一个单位 · hang a unit into the tree."""
    with places.database() as url, seeding.session_on(url) as session:
        above = find_above(session, under)
        if level == Level.SCHOOL:
            unit = services.add_school(session, above, name=name, code=code)
        else:
            unit = services.add_unit(session, above, level=Level(level), name=name, code=code)
        path = queries.path_names(session, unit)
    say(f"已添加 {path}（编号 {unit.id}）", "added")


def find_above(session: Session, under: str | None) -> OrgUnit:
    """Return the unit with the code of a division or school, or with the identifier. Raises UnitNotFound."""
    if under is None:
        found = queries.find_ministry(session)
    else:
        by_code = (queries.find_unit_by_code(session, scheme, under) for scheme in CodeScheme)
        found = next(filter(None, by_code), None) or find_by_identifier(session, under)
    if found is None:
        raise UnitNotFound
    return found


def find_by_identifier(session: Session, text: str) -> OrgUnit | None:
    """Return the unit with the identifier, or None when there is none or the text is no identifier."""
    try:
        identifier = UUID(text)
    except ValueError:
        return None
    return queries.find_unit(session, queries.WHOLE_TREE, identifier)


@command.command("reset")
@click.option("--yes", is_flag=True, help="不再询问 · do not ask")
def reset(*, yes: bool) -> None:
    """清空数据库，只留空表 · empty the database; only empty tables remain."""
    if not yes:
        click.confirm(DELETES_ALL, abort=True)
    with places.database() as url, step("清空数据库", "empty the database"):
        seeding.empty(url)
        seeding.migrate(url)


@command.command("shell", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PSQL-选项]")
def shell(arguments: tuple[str, ...]) -> None:
    """打开 psql · open psql."""
    psql = BINARIES / "psql"
    if not psql.exists():
        message = "这里没有 psql，请用您的数据库自带的客户端 · there is no psql here, use the client of your database"
        raise ServerFailed(message)
    with places.database() as url:
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        code = run_attached([str(psql), plain, *arguments], {**os.environ, "PSQLRC": os.devnull})
    sys.exit(code)
