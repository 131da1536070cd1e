"""Running programs in the foreground: a script of `tests/` that offers `main(arguments)`, pytest, psql."""

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

from portal.preparation import ROOT
from portal.servers.programs import ends_with_parent

CALL_MAIN = "import importlib, sys; sys.exit(importlib.import_module(sys.argv[1]).main(sys.argv[2:]))"

# Who ends `./desk test` ends the tests.
WITH_US = ends_with_parent(signal.SIGTERM)


def run_main(module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Call `main` of the module in a process of its own and return its exit code."""
    return run_attached([sys.executable, "-c", CALL_MAIN, module, *arguments], environment)


def run_attached(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a program that has the terminal and answers Ctrl-C itself; return its exit code."""
    before = signal.signal(signal.SIGINT, leave_to_the_program)
    try:
        return subprocess.run([*WITH_US, *command], cwd=ROOT, env=environment, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def leave_to_the_program(number: int, frame: object) -> None:
    """Do nothing. To ignore the signal altogether would be handed on to the program."""
    del number, frame
