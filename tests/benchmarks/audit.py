"""How fast the audit trail grows and is checked: transactions of one entry by 1 and by 10 connections, then all of it.

Needs DATABASE_URL with the house's tables in it, emptied at the start. Prints a table and writes `audit.json` into the
folder that DESK_BENCH names (`var/bench` without it). The floor is the same transaction with a plain insert and no
chain, so that the ratio tells what the chain costs on this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from registry_core import audit
from registry_core.audit.verification import take_snapshot, verify
from registry_core.db import make_engine, make_sessions, new_id, transaction
from tests.benchmarks.timing import describe, write
from tests.registry_core.audit.conftest import Office, Person

CONNECTIONS = (1, 10)
ENTRIES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Rate:
    """So many transactions, or entries, in a second."""

    name: str
    connections: int
    done: int
    per_second: float


def main(argv: list[str]) -> int:
    """Run the benchmark; options `--seconds` for each rate, `--entries` to check."""
    options = _options(argv)
    engine = make_engine(os.environ["DATABASE_URL"])
    try:
        _empty(engine)
        sessions = make_sessions(engine)
        rates = [
            _measure(name, act, sessions, connections, options.seconds)
            for name, act in (("plain insert", _insert), ("audit entry", _note))
            for connections in CONNECTIONS
        ]
        _fill(sessions, options.entries)
        rates.append(_check(sessions))
        with engine.connect() as connection:
            size = connection.scalar(text("SELECT pg_total_relation_size('audit_entry')")) or 0
        result = describe(engine) | {
            "table_and_index_mb": round(size / 1e6, 1),
            "rates": [asdict(rate) for rate in rates],
        }
    finally:
        engine.dispose()
    _print(result, rates)
    write("audit", result)
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./desk bench audit", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--entries", type=int, default=200_000)
    return parser.parse_args(argv)


def _empty(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("TRUNCATE audit_entry, audit_head"))
        connection.execute(text("CREATE TABLE IF NOT EXISTS bench_plain (id uuid PRIMARY KEY, what jsonb)"))


def _insert(session: Session, actor: Person) -> None:
    values = {"id": new_id(), "what": json.dumps({"who": str(actor.account_id), "label": "雁塔区第一小学"})}
    session.execute(text("INSERT INTO bench_plain VALUES (:id, :what)"), values)


def _note(session: Session, actor: Person) -> None:
    change = {"code": audit.Change("610113", "610114", audit.FieldClass.INTERNAL)}
    about = audit.Subject("unit", new_id(), label="雁塔区第一小学")
    audit.note(session, actor, "units.code.changed", about=about, changes=change)


def _measure(
    name: str,
    act: Callable[[Session, Person], None],
    sessions: sessionmaker[Session],
    connections: int,
    seconds: float,
) -> Rate:
    """Let so many people act for so long, each on a connection and with an account of their own."""
    done = [0] * connections
    end = time.perf_counter() + seconds

    def work(number: int) -> None:
        actor = Person(new_id(), origin=Office())
        while time.perf_counter() < end:
            with transaction(sessions) as session:
                act(session, actor)
            done[number] += 1

    began = time.perf_counter()
    threads = [threading.Thread(target=work, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Rate(name, connections, sum(done), round(sum(done) / (time.perf_counter() - began), 1))


def _fill(sessions: sessionmaker[Session], entries: int) -> None:
    people = [Person(new_id(), origin=Office()) for _person in range(64)]
    for start in range(0, entries, ENTRIES_AT_ONCE):
        with transaction(sessions) as session:
            for number in range(start, min(start + ENTRIES_AT_ONCE, entries)):
                _note(session, people[number % len(people)])


def _check(sessions: sessionmaker[Session]) -> Rate:
    began = time.perf_counter()
    with sessions() as session:
        take_snapshot(session)
        reports = verify(session, {})
    if any(report.fault for report in reports):
        raise RuntimeError("the chains that were just written do not hold")
    entries = sum(report.entries for report in reports)
    return Rate("entries verified", 1, entries, round(entries / (time.perf_counter() - began), 1))


def _print(result: dict[str, object], rates: list[Rate]) -> None:
    print(f"{result['table_and_index_mb']} MB with indexes")
    print(f"load average of the machine {result['load_average']} on {os.cpu_count()} cores")
    print(f"{'what':<22}{'connections':>13}{'done':>10}{'per second':>14}")
    for rate in rates:
        print(f"{rate.name:<22}{rate.connections:>13}{rate.done:>10}{rate.per_second:>14.1f}")
