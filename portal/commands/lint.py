"""`./desk lint`: every check of style, types, architecture, templates, front end, locks and translations."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import click

from portal.commands import committed, translations
from portal.commands.console import say, tell_fault
from portal.preparation import BUILD, ROOT, VENV, npm

CACHE = BUILD / "cache"
PYTHON = (sys.executable, "-m")


@dataclass(frozen=True, slots=True)
class Check:
    """A check by its name: returns what is wrong, or an empty text."""

    name: str
    run: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check said, and how long it took."""

    name: str
    faults: str
    seconds: float


def program(*command: str) -> Callable[[], str]:
    """Return a check that runs a program and says what it printed if it fails."""

    def run() -> str:
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        said = f"{result.stdout}{result.stderr}".strip()
        return "" if result.returncode == 0 else said or f"退出码 {result.returncode}"

    return run


def checks() -> list[Check]:
    """Return all checks, the long ones first."""
    return [
        Check("mypy", program(*PYTHON, "mypy")),
        Check("tsc", program(*npm("run", "--silent", "check"))),
        Check("eslint", program(*npm("run", "--silent", "lint"))),
        Check(
            "import-linter",
            program(str(VENV / "bin" / "lint-imports"), "--no-logo", "--cache-dir", str(CACHE / "imports")),
        ),
        Check("djlint", program(*PYTHON, "djlint", "--quiet", "--lint", "templates")),
        Check("ruff check", program(*PYTHON, "ruff", "check", "--quiet")),
        Check("ruff format", program(*PYTHON, "ruff", "format", "--check", "--quiet")),
        Check("translations", translations.find_faults),
        Check("committed files", committed.find_faults),
    ]


def run_all(wanted: Sequence[Check]) -> list[Outcome]:
    """Run the checks side by side and show each as it ends."""
    outcomes = []
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for future in as_completed([pool.submit(measure, check) for check in wanted]):
            outcome = future.result()
            outcomes.append(outcome)
            mark = "✗" if outcome.faults else "✓"
            click.echo(f"  {mark} {outcome.name} {outcome.seconds:.1f} s")
    return outcomes


def measure(check: Check) -> Outcome:
    """Run one check."""
    began = time.monotonic()
    faults = check.run()
    return Outcome(check.name, faults, time.monotonic() - began)


def mend() -> None:
    """Format the sources, apply the safe fixes and bring the catalogue of translations up to date."""
    for arguments in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([*PYTHON, "ruff", *arguments], cwd=ROOT, check=False)
    translations.update()


@click.command("lint")
@click.argument("names", nargs=-1, metavar="[检查项…]")
@click.option("--fix", is_flag=True, help="先自动修正能修正的 · mend first what can be mended")
def command(names: tuple[str, ...], *, fix: bool) -> None:
    """运行全部检查，或只运行指定的几项 · run all checks, or those that are named."""
    if fix:
        mend()
    known = [check.name for check in checks()]
    if unknown := set(names).difference(known):
        tell_fault(f"没有这一项 · no such check: {', '.join(sorted(unknown))}。{' | '.join(known)}")
        sys.exit(2)
    outcomes = run_all([check for check in checks() if not names or check.name in names])
    failed = [outcome for outcome in outcomes if outcome.faults]
    for outcome in failed:
        click.secho(f"\n── {outcome.name}", fg="red", err=True)
        click.echo(outcome.faults, err=True)
    if failed:
        tell_fault(f"{len(failed)} / {len(outcomes)} 项没有通过 · failed: {', '.join(one.name for one in failed)}")
        sys.exit(1)
    say(f"全部 {len(outcomes)} 项通过", "all checks passed")
