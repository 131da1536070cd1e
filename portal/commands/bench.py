"""`./desk bench NAME`: one measurement of `tests/benchmarks/`, with private servers of its own."""

import os
import shutil
import sys

import click

from portal.commands import seeding
from portal.commands.console import say, step
from portal.commands.scripts import run_main
from portal.preparation import BUILD, ROOT
from portal.servers.postgres import private_postgres
from portal.servers.valkey import private_valkey

BENCHMARKS = ROOT / "tests" / "benchmarks"
RESULTS = BUILD / "bench"


@click.command("bench", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("name", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[选项]")
def command(name: str | None, arguments: tuple[str, ...]) -> None:
    """测量性能，结果写到 var/bench · measure; results go to var/bench. 不写名称则列出 · no name: lists them."""
    names = sorted(path.stem for path in BENCHMARKS.glob("*.py") if "def main(" in path.read_text(encoding="utf-8"))
    if name not in names:
        say("可测量的项目", "what can be measured")
        click.echo("\n".join(f"  ./desk bench {each}" for each in names))
        sys.exit(2 if name else 0)
    place = RESULTS / "servers" / name
    shutil.rmtree(place, ignore_errors=True)
    with private_postgres(place / "postgres") as database_url, private_valkey(place / "valkey") as redis_url:
        with step("准备空数据库", "empty database"):
            seeding.migrate(database_url)
        addresses = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "DESK_BENCH": str(RESULTS)}
        sys.exit(run_main(f"tests.benchmarks.{name}", arguments, {**os.environ, **addresses}))
