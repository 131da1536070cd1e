"""What the benchmarks share: timing calls one after the other, and telling what came of it."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, text

ROOT = Path(__file__).resolve().parents[2]
WARM_UP = 50
Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one kind of call, measured at the caller: database, driver and mapping together."""

    name: str
    calls: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


def measure(name: str, call: Callable[[Given], object], given: Sequence[Given]) -> Timing:
    """Time a call on each thing given, after some that do not count."""
    times: list[float] = []
    warm_up = min(WARM_UP, len(given) // 10)
    for number, one in enumerate(given):
        started = time.perf_counter()
        call(one)
        if number >= warm_up:
            times.append((time.perf_counter() - started) * 1000)
    cuts = statistics.quantiles(times, n=100)
    return Timing(name, len(times), *(round(cuts[place - 1], 3) for place in (50, 95, 99)))


def describe(engine: Engine) -> dict[str, Any]:
    """Say when and on what a benchmark ran; above the number of cores somebody else was working too."""
    with engine.connect() as connection:
        server = connection.scalar(text("SHOW server_version"))
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "postgresql": server},
        "load_average": round(os.getloadavg()[0], 2),
    }


def show(timings: Iterable[Timing]) -> list[dict[str, Any]]:
    """Print timings as a table and give them back for the file."""
    rows = list(timings)
    print(f"load average of the machine {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores")
    print(f"{'call':<40}{'calls':>7}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}")
    for one in rows:
        print(f"{one.name:<40}{one.calls:>7}{one.p50_ms:>10.3f}{one.p95_ms:>10.3f}{one.p99_ms:>10.3f}")
    return [asdict(one) for one in rows]


def write(name: str, result: Mapping[str, Any]) -> None:
    """Write a result into the folder that DESK_BENCH names (`var/bench` without it)."""
    folder = Path(os.environ.get("DESK_BENCH") or ROOT / "var" / "bench")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.json"
    file.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"→ {file.relative_to(ROOT) if file.is_relative_to(ROOT) else file}")
