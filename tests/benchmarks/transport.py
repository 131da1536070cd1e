"""How fast packets reach pages: the direct transport beside the library's own and beside Node's, all keeping nothing.

Room servers with the same commands (tests/room_server.py, tests/benchmarks/node): `direct`, `shared` (direct, and what
is sent goes through Valkey to other processes as well), `stock` Flask-SocketIO, `node`. They take turns, several times;
the medians count. Servers run on one core, the load on another one. Prints a table and writes `transport.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.chat_load.crowd import Crowd, Dialogue, Person
from tests.benchmarks.chat_load.loads import BODY, WARM, Idle, Spread, rest, results_folder, spread
from tests.benchmarks.chat_load.phases import Times, times_of
from tests.benchmarks.chat_load.servers import Cores, Server, pinned, running

ROOT = Path(__file__).resolve().parents[2]
SERVERS = ("node", "direct", "shared", "stock")
ROOMS = (10, 100, 1_000)
TALKERS = 50
WARM_UP_SECONDS = 1.0
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One server answering pairs, each sending as soon as it is acknowledged."""

    server: str
    messages_per_second: float
    ack_ms: Times | None


def main(argv: list[str]) -> int:
    """Run the benchmark; options `--seconds`, `--turns`, `--idle`, `--servers`."""
    options = _options(argv)
    cores, place = Cores.choose(), results_folder(ROOT) / "servers" / "transport"
    found: dict[Key, list[Spread | Exchange | Idle]] = defaultdict(list)
    with pinned(cores.load):
        for _turn in range(options.turns):
            for name in options.servers:
                with running(name, place, cores, {}) as server:
                    for one in _measure(server, options.seconds, options.idle):
                        found[name, _load_of(one)].append(one)
    result = _judge(found)
    _show(result)
    _write(options, result)
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./desk bench transport", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of each load")
    parser.add_argument("--turns", type=int, default=3, help="how often each server is measured")
    parser.add_argument("--idle", type=int, default=2_000, help="idle connections")
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=SERVERS)
    return parser.parse_args(argv)


def _measure(server: Server, seconds: float, idle: int) -> list[Spread | Exchange | Idle]:
    found: list[Spread | Exchange | Idle] = [rest(server, _people("idle", idle + WARM))]
    for size in ROOMS:
        room = f"room of {size}"
        found.append(spread(server, room, _people(room, size), seconds))
    return [*found, _exchange(server, seconds)]


def _people(room: str, count: int) -> list[Person]:
    return [Person(f"测{number}", "", (room,)) for number in range(count)]


def _exchange(server: Server, seconds: float) -> Exchange:
    crowd = Crowd(server.port, BODY)
    people = crowd.connect([Person(f"测{n}", "", (f"pair {n // 2}",)) for n in range(2 * TALKERS)])
    crowd.on_done = lambda dialogue: crowd.say(dialogue, time.perf_counter())
    for number in range(TALKERS):
        crowd.say(Dialogue(f"pair {number}", (people[2 * number], people[2 * number + 1])), time.perf_counter())
    _listen(crowd, WARM_UP_SECONDS)
    tally, began = crowd.start_phase(), time.perf_counter()
    _listen(crowd, seconds)
    lasted = time.perf_counter() - began
    crowd.on_done = None
    _listen(crowd, 1.0)
    crowd.leave(len(people))
    return Exchange(server.name, round(len(tally.ack_seconds) / lasted), times_of(tally.ack_seconds))


def _listen(crowd: Crowd, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        crowd.listen(left)


def _load_of(one: Spread | Exchange | Idle) -> str:
    if isinstance(one, Spread):
        return f"room of {one.room}"
    return "pairs" if isinstance(one, Exchange) else "idle"


def _value_of(one: Spread | Exchange | Idle) -> float:
    if isinstance(one, Spread):
        return one.deliveries_per_second
    return one.messages_per_second if isinstance(one, Exchange) else one.kb_each


def _judge(found: dict[Key, list[Spread | Exchange | Idle]]) -> list[dict[str, object]]:
    """Take the median turn of each server and load, with its share of Node's."""
    rows: list[dict[str, object]] = []
    medians = {key: statistics.median(map(_value_of, turns)) for key, turns in found.items()}
    for (server, load), turns in found.items():
        median, node = medians[server, load], medians.get(("node", load))
        middle = min(turns, key=lambda one: abs(_value_of(one) - median))
        ratio = round(median / node, 2) if node else None
        rows.append({"load": load, "median": median, "ratio_to_node": ratio, **asdict(middle), "server": server})
    return rows


def _show(rows: Sequence[dict[str, object]]) -> None:
    print(f"{'load':<14}{'server':<9}{'median':>10}{'to node':>9}  more")
    for row in sorted(rows, key=lambda one: str(one["load"])):
        more = {name: row[name] for name in ("per_second", "messages_per_second", "seen_ms", "ack_ms") if name in row}
        print(f"{row['load']:<14}{row['server']:<9}{row['median']:>10}{row['ratio_to_node']!s:>9}  {more}")


def _write(options: argparse.Namespace, rows: Sequence[dict[str, object]]) -> None:
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "load_average": os.getloadavg()}
    result = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, "rows": rows}
    result |= {"seconds": options.seconds, "turns": options.turns}
    results_folder(ROOT).mkdir(parents=True, exist_ok=True)
    file = results_folder(ROOT) / "transport.json"
    file.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"→ {file.relative_to(ROOT) if file.is_relative_to(ROOT) else file}")
