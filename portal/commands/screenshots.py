"""`./desk screenshots`: make the pictures of `docs/screenshots/` anew."""

import os
import sys

import click

from portal.commands.browser import require_browser
from portal.commands.scripts import run_main


@click.command("screenshots", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[选项]")
def command(arguments: tuple[str, ...]) -> None:
    """重新生成 docs/screenshots 里的截图 · make docs/screenshots anew."""
    environment = {**os.environ, "DESK_BROWSER": str(require_browser())}
    sys.exit(run_main("tests.screenshots", arguments, environment))
