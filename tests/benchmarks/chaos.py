"""What is left when everything falls: 100,000 messages while lines are cut and processes, Valkey and PostgreSQL die.

Two web processes, a worker, PostgreSQL and Valkey are started by the run itself, in the folder of its results, because
it has to kill them; those that `./desk bench` offers stay untouched. The clients are written from docs/protocol.md
alone, and the judge (`tests/chaos/checker.py`) knows neither them nor the product. What falls when is laid out by the
seed and bound to the number of messages acknowledged so far. Prints what came of it and writes `chaos.json`; the exit
code is 0 when nothing was lost, doubled or out of order and everybody holds the same.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.timing import ROOT, write
from tests.chaos.checker import Fault
from tests.chaos.run import Outcome, Size, run


def main(argv: list[str]) -> int:
    """Run it; options `--messages`, `--clients`, `--disconnects`, `--kills`, `--rate`, `--seed`, `--quick`."""
    size = _size(argv)
    folder = Path(os.environ.get("DESK_BENCH") or ROOT / "var" / "bench") / "servers" / "chaos" / "house"
    shutil.rmtree(folder, ignore_errors=True)
    outcome = run(size, folder)
    _show(outcome)
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    write("chaos", {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, **outcome.as_json()})
    return 0 if outcome.verdict.is_sound else 1


def _size(argv: list[str]) -> Size:
    parser = argparse.ArgumentParser(prog="./desk bench chaos", description=__doc__)
    full = Size()
    parser.add_argument("--messages", type=int, default=full.messages)
    parser.add_argument("--clients", type=int, default=full.clients)
    parser.add_argument("--disconnects", type=int, default=full.disconnects)
    parser.add_argument("--kills", type=int, default=full.kills, help="SIGKILLs of web processes and worker")
    parser.add_argument("--rate", type=float, default=full.rate, help="messages a second that are written at most")
    parser.add_argument("--seed", type=int, default=full.seed, help="what falls when, and what is written where")
    parser.add_argument("--quick", action="store_true", help="3,000 messages, 40 clients, 60 disconnects, 5 kills")
    options = vars(parser.parse_args(argv))
    if options.pop("quick"):
        options |= {"messages": 3_000, "clients": 40, "disconnects": 60, "kills": 5}
    if options["clients"] < 2 or options["messages"] < options["clients"]:
        parser.error("two clients at least, and a message for each")
    return Size(**options)


def _show(outcome: Outcome) -> None:
    for name, value in outcome.figures.items():
        if name != "blows":
            print(f"{name.replace('_', ' '):<24}{value}")
    for fault in Fault:
        print(f"{fault.value:<36}{outcome.verdict.counts[fault]:>8}")
        for words in outcome.verdict.examples.get(fault, ()):
            print(f"    {words}")
