"""`./desk demo`: empty the database and load the demonstration anew."""

import os

import click

from portal.commands import places, seeding
from portal.commands.console import say, step
from portal.config import Mode
from portal.servers.errors import ServerFailed


@click.command("demo")
@click.option("--yes", is_flag=True, help="不再询问 · do not ask")
def command(*, yes: bool) -> None:
    """清空数据库并重新装入演示数据 · empty the database and load the demonstration anew."""
    if os.environ.get("DESK_MODE") == Mode.PRODUCTION:
        message = "正式模式下不能装入演示数据 · there is no demonstration in production mode"
        raise ServerFailed(message)
    if not yes:
        click.confirm("将删除数据库里的全部数据，继续吗 · this deletes everything in the database. Go on?", abort=True)
    with places.database() as url:
        with step("清空数据库", "empty the database"):
            seeding.empty(url)
            seeding.migrate(url)
        with step("装入行政区划", "administrative tree"):
            seeding.load_tree(url)
        with step("装入工作日历", "working-day calendar"):
            seeding.load_calendar(url)
        with step("装入规则包", "rule packs"):
            seeding.load_rules(url)
        with step("装入演示人员", "demonstration cast"):
            people = seeding.load_people(url)
    say(f"演示数据已就绪，共 {len(people)} 位演示人员", f"ready, {len(people)} invented people")
