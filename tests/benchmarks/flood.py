"""What others notice of one who floods: how long they wait for an acknowledgement beside a flooder and without one.

Twenty people write one message a second each. Beside them one more person sends over one line as fast as the network
takes it: messages, or commands that do not exist. Both with the rates of the house and with none, in turn; only what
stands beside each other in one run may be compared. Prints a table and writes `flood.json`.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import secrets
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.synchronize import Event
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from registry_core.db import make_engine
from tests.benchmarks.chat_load.servers import Cores, Server, running
from tests.benchmarks.timing import ROOT, describe, write
from tests.chaos.client import Person
from tests.chaos.line import Cut, Line, LineLost, Patience
from tests.chaos.people import Circle

PEOPLE = 20
# The flooder belongs to groups of the others, as a colleague does.
FLOODER = PEOPLE - 1
UNSENT_BYTES = 1 << 18
START_SECONDS = 60.0
# What may be sent at once is over by then.
SETTLE_SECONDS = 2.0
NO_RATES = dict.fromkeys(("DESK_SENDS_PER_SECOND", "DESK_TALK_SENDS_PER_SECOND", "DESK_COMMANDS_PER_SECOND"), "0")
KINDS = ("nobody", "messages", "unknown commands")


def main(argv: list[str]) -> int:
    """Run it; options `--seconds` (of each part) and `--turns`."""
    parser = argparse.ArgumentParser(prog="./desk bench flood", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--turns", type=int, default=2)
    options = parser.parse_args(argv)
    engine, secret = make_engine(os.environ["DATABASE_URL"]), secrets.token_urlsafe(32)
    with Session(engine) as session, session.begin():
        circle = Circle(session, secret, Random(1))
        people = circle.gather(PEOPLE)
        circle.store()
    waits: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _turn in range(options.turns):
        for rates, more in (("rates", {}), ("no rates", NO_RATES)):
            with _house(secret, more) as server:
                for kind in KINDS:
                    with _flooding(kind, server.port, people[FLOODER]):
                        waits[rates, kind] += asyncio.run(_talk(server.port, people[:FLOODER], options.seconds))
    rows = [_row(waits, rates, kind) for rates in ("rates", "no rates") for kind in KINDS]
    for row in rows:
        print(f"{row['rates']:<10}{row['flooder sends']:<18}" + "".join(f"{row[key]:>14}" for key in list(row)[2:]))
    write("flood", {**describe(engine), "rows": rows})
    return 0


@contextmanager
def _house(secret: str, more: Mapping[str, str]) -> Iterator[Server]:
    folder = Path(os.environ.get("DESK_BENCH") or ROOT / "var" / "bench") / "servers" / "flood" / "web"
    environment = {
        "DESK_SECRET_KEY": secret,
        "DESK_MODE": "production",
        "DESK_LOG_LEVEL": "WARNING",
        "DESK_VAR": str(folder),
        **more,
    }
    with running("product", folder, Cores(None, None), environment) as server:
        yield server


def _row(waits: Mapping[tuple[str, str], list[float]], rates: str, kind: str) -> dict[str, Any]:
    mine, calm = (statistics.quantiles(waits[rates, one], n=100) for one in (kind, KINDS[0]))
    return {
        "rates": rates,
        "flooder sends": kind,
        "p50 ms": round(mine[49] * 1000, 1),
        "p95 ms": round(mine[94] * 1000, 1),
        "p50 ratio": round(mine[49] / calm[49], 2),
        "p95 ratio": round(mine[94] / calm[94], 2),
    }


# ── the others ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _talk(port: int, people: Sequence[Person], seconds: float) -> list[float]:
    waits: list[float] = []
    async with asyncio.TaskGroup() as tasks:
        for place, person in enumerate(people):
            tasks.create_task(_write(port, person, seconds, waits, place / len(people)))
    return waits


async def _write(port: int, person: Person, seconds: float, waits: list[float], pause: float) -> None:
    """Write a message a second, whatever the house does with the last one."""
    line = None
    while line is None:
        with suppress(LineLost):
            line = await Line.dial(port, person.cookie, lambda _name, _payload: None, Patience(60.0))
    await asyncio.sleep(1.0 + pause)
    for turn in range(int(seconds)):
        began = time.perf_counter()
        sent = {
            "conversation_id": person.writes_in[turn % len(person.writes_in)],
            "client_id": str(uuid4()),
            "body": "好",
        }
        try:
            answer = await line.call("message:send", sent)
        except LineLost:
            # Whoever is cut off waited as well, and longer than this.
            waits.append(time.perf_counter() - began)
            return
        if answer["ok"]:
            waits.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, 1.0 - (time.perf_counter() - began)))
    line.cut(Cut.CLOSED)


# ── the one who floods ────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _flooding(kind: str, port: int, person: Person) -> Iterator[None]:
    """Let somebody flood in a process of their own, or nobody."""
    if kind == KINDS[0]:
        yield
        return
    context = multiprocessing.get_context("spawn")
    has_begun = context.Event()
    flooder = context.Process(target=_flood_for_ever, args=(kind, port, person, has_begun))
    flooder.start()
    try:
        has_begun.wait(START_SECONDS)
        time.sleep(SETTLE_SECONDS)
        yield
    finally:
        flooder.kill()
        flooder.join()


def _flood_for_ever(kind: str, port: int, person: Person, has_begun: Event) -> None:
    while True:
        with suppress(LineLost):
            asyncio.run(_flood(kind, port, person, has_begun))


async def _flood(kind: str, port: int, person: Person, has_begun: Event) -> None:
    line = await Line.dial(port, person.cookie, lambda _name, _payload: None, Patience(60.0))
    has_begun.set()
    transport = line.transport
    while not line.lost.is_set():
        if transport.get_write_buffer_size() < UNSENT_BYTES:
            sent = {"conversation_id": person.writes_in[0], "client_id": str(uuid4()), "body": "灌" * 100}
            line.tell("message:send" if kind == "messages" else "no:such", sent)
        else:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0)
    raise LineLost
