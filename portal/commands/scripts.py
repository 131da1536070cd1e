"""Running a script of `tests/` that offers `main(arguments)`, in a process of its own."""

import subprocess
import sys
from collections.abc import Mapping, Sequence

from portal.preparation import ROOT

CALL_MAIN = "import importlib, sys; sys.exit(importlib.import_module(sys.argv[1]).main(sys.argv[2:]))"


def run_main(module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Call `main` of the module and return its exit code."""
    command = [sys.executable, "-c", CALL_MAIN, module, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
