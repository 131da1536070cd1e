"""`./desk test`: all tests, browser journeys included."""

import os
import sys

import click

from portal.commands.browser import how_to_install, provide_browser
from portal.commands.console import say, tell_fault
from portal.commands.scripts import run_attached
from portal.preparation import BUILD

IN_PARALLEL = ("-n", "2", "--dist", "loadgroup")
# With one of these the tests have to run in one process, or the caller has chosen how many.
OWN_CHOICE = ("-n", "--numprocesses", "--pdb", "-s", "--collect-only", "--co")


@click.command("test", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST-选项与路径]")
def command(arguments: tuple[str, ...]) -> None:
    """运行全部测试；可附 pytest 的选项与路径 · run all tests, or those that the pytest arguments choose."""
    browser = provide_browser()
    environment = {
        **os.environ,
        "DESK_BROWSER": str(browser or ""),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(BUILD / "cache" / "hypothesis"),
    }
    if browser is not None and not arguments:
        sys.exit(run_everything(environment))
    chosen = list(arguments)
    if browser is None:
        if os.environ.get("CI"):
            tell_fault(how_to_install())
            sys.exit(1)
        chosen += ["-m", "not browser and not journey"]
    if not any(argument.startswith(OWN_CHOICE) for argument in arguments):
        chosen = [*IN_PARALLEL, *chosen]
    code = run_attached([sys.executable, "-m", "pytest", *chosen], environment)
    if browser is None:
        say(
            f"! 跳过了需要浏览器的测试（tests/journeys 等）：{how_to_install()}",
            "the tests with a browser were skipped",
        )
    sys.exit(code)


def run_everything(environment: dict[str, str]) -> int:
    """Run first what needs no browser, on two processes, then the journeys in a process of their own.

    Playwright keeps an event loop running in its process, in which the tests of mail and jobs could not start theirs;
    and a journey that has both cores for itself waits for nobody.
    """
    pytest = [sys.executable, "-m", "pytest"]
    rest = run_attached([*pytest, *IN_PARALLEL, "-m", "not browser and not journey"], environment)
    journeys = run_attached([*pytest, "-m", "browser or journey"], environment)
    return rest or journeys
