"""How fast people talk: messages stored and delivered by the product, beside a bare Node Socket.IO room server.

Needs DATABASE_URL and REDIS_URL; works in a database of its own on that server and drops it afterwards. Both servers
get the same clients, rooms and messages in the same run, one server after the other for each number of clients; the
Node one stores nothing, asks nobody's right and signs nobody in. Servers run on one core, the load on another one.
Prints a table and writes `chat.json` into the folder that DESK_BENCH names (`var/bench` without it).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, make_url, text
from sqlalchemy.orm import Session

from portal.commands.seeding import migrate
from portal.preparation import find_node
from registry_core.db import make_engine
from tests.benchmarks.chat_load import floor
from tests.benchmarks.chat_load.crowd import Client, Crowd, Dialogue
from tests.benchmarks.chat_load.phases import Result, Stage
from tests.benchmarks.chat_load.population import READERS, Group, Population
from tests.benchmarks.chat_load.report import ratios, show
from tests.benchmarks.chat_load.servers import Cores, NoNode, node_command, pinned, running

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "desk_bench_chat"
BODY = "请问转学手续里原学校迟迟不核办，应当在系统的哪一步催办，需要准备哪些材料？谢谢。"
AT_ONCE = 50
PRODUCT, NODE = "product", "node"
# Conversations whose number of messages is not what their counter says: there must be none.
GAPS = """
SELECT count(*) FROM conversation
LEFT JOIN (SELECT conversation_id, count(*) AS stored, max(number) AS highest FROM message GROUP BY 1) AS said
    ON said.conversation_id = conversation.id
WHERE last_number <> coalesce(stored, 0) OR last_number <> coalesce(highest, 0)
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured and for how long."""

    clients: Sequence[int]
    servers: Sequence[str]
    rate: float
    steady_seconds: float
    fastest_seconds: float


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a number of clients came in: signed in, joined, and what each holds of the server's memory."""

    server: str
    clients: int
    per_second: float
    kb_each: float


@dataclass(frozen=True, slots=True)
class Stored:
    """What stands in the database after the product's loads, beside what it acknowledged to the clients."""

    clients: int
    acknowledged: int
    stored: int
    conversations_with_gaps: int


@dataclass(slots=True)
class Findings:
    """Everything measured."""

    arrivals: list[Arrival] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    floors: list[floor.Floor] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class House:
    """The database with its people, and what a server is started with."""

    engine: Engine
    pairs: Group
    room: Group
    environment: Mapping[str, str]
    folder: Path
    cores: Cores


def main(argv: list[str]) -> int:
    """Run the benchmark; options `--quick`, `--clients`, `--rate`, `--seconds`, `--only`."""
    plan = _plan(argv)
    _raise_file_limit()
    began, findings = time.monotonic(), Findings()
    with _scratch_database(os.environ["DATABASE_URL"]) as (url, engine):
        house = _furnish(url, engine, max(plan.clients))
        with pinned(house.cores.load):
            for clients in plan.clients:
                for name in plan.servers:
                    _run(name, clients, plan, house, findings)
        findings.floors = _floors(url, 1.0 if plan.fastest_seconds < 4 else 3.0)
        server = _ask(engine, "SHOW server_version")
    _print(findings)
    _write(plan, findings, {"postgresql": server, "seconds": round(time.monotonic() - began)})
    return (
        0 if all(one.stored == one.acknowledged and not one.conversations_with_gaps for one in findings.stored) else 1
    )


def _plan(argv: list[str]) -> Plan:
    parser = argparse.ArgumentParser(prog="./desk bench chat", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 clients and short loads")
    parser.add_argument("--clients", type=int, nargs="+", default=[100, 1_000, 5_000])
    parser.add_argument("--rate", type=float, default=100.0, help="messages a second of the steady load")
    parser.add_argument("--seconds", type=float, default=8.0, help="length of each load")
    parser.add_argument("--only", choices=(PRODUCT, NODE), help="one server alone")
    options = parser.parse_args(argv)
    servers = [options.only] if options.only else [PRODUCT, NODE]
    if NODE in servers:
        try:
            node_command()
        except NoNode as missing:
            print(f"{missing}; the product is measured alone")
            servers = [PRODUCT]
    if options.quick:
        return Plan([100], servers, options.rate, 3.0, 3.0)
    if min(options.clients) < READERS:
        parser.error(f"at least {READERS} clients: the full room has so many")
    return Plan(options.clients, servers, options.rate, options.seconds, options.seconds)


def _raise_file_limit() -> None:
    """Take as many open files as allowed, also for the servers: a connection needs one or two in each process."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def _scratch_database(server: str) -> Iterator[tuple[str, Engine]]:
    """Make a migrated database beside the one that is named, so that nobody's questions are touched."""
    admin = make_engine(server).execution_options(isolation_level="AUTOCOMMIT")
    url = make_url(server).set(database=DATABASE).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {DATABASE} TEMPLATE template0"))
    migrate(url)
    engine = make_engine(url)
    try:
        yield url, engine
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {DATABASE} WITH (FORCE)"))
        admin.dispose()


def _furnish(url: str, engine: Engine, clients: int) -> House:
    secret = secrets.token_urlsafe(32)
    with Session(engine) as session, session.begin():
        population = Population(session, secret)
        pairs, room = population.pairs(clients), population.full_room()
        population.store()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    folder = _results() / "servers" / "chat" / "web"
    environment = {
        "DATABASE_URL": url,
        "DESK_SECRET_KEY": secret,
        "DESK_MODE": "production",
        "DESK_LOG_LEVEL": "WARNING",
        "DESK_VAR": str(folder),
    }
    return House(engine, pairs, room, environment, folder, Cores.choose())


def _run(name: str, clients: int, plan: Plan, house: House, findings: Findings) -> None:
    with running(name, house.folder, house.cores, house.environment) as server:
        crowd = Crowd(server.port, BODY)
        acknowledged = _load(Stage(server, crowd), clients, plan, house, findings)
        crowd.leave(len(crowd.clients))
    if name == PRODUCT:
        findings.stored.append(_count_stored(house.engine, clients, acknowledged))


def _load(stage: Stage, clients: int, plan: Plan, house: House, findings: Findings) -> int:
    crowd, pairs, before = stage.crowd, house.pairs.first(clients), stage.server.memory_kb()
    began = time.perf_counter()
    people = crowd.connect(pairs.people)
    per_second = clients / (time.perf_counter() - began)
    kb_each = (stage.server.memory_kb() - before) / clients
    findings.arrivals.append(Arrival(stage.server.name, clients, round(per_second), round(kb_each, 1)))
    findings.results += [
        stage.steady(f"pairs, {plan.rate:g} messages/s", _dialogues(pairs, people), plan.rate, plan.steady_seconds),
        stage.fastest(f"pairs, {AT_ONCE} at once", _dialogues(pairs, people)[:AT_ONCE], plan.fastest_seconds),
    ]
    crowd.leave(READERS)
    readers = crowd.connect(house.room.people)
    dialogues = _dialogues(house.room, readers)
    findings.results.append(
        stage.fastest(f"room of {READERS}, {len(dialogues)} at once", dialogues, plan.fastest_seconds)
    )
    return crowd.acknowledged


def _dialogues(group: Group, people: Sequence[Client]) -> list[Dialogue]:
    return [Dialogue(pair.conversation_id, (people[pair.asker], people[pair.technician])) for pair in group.pairs]


def _count_stored(engine: Engine, clients: int, acknowledged: int) -> Stored:
    """Compare what was stored with what was acknowledged, and empty the conversations for the next round."""
    found = Stored(clients, acknowledged, int(_ask(engine, "SELECT count(*) FROM message")), int(_ask(engine, GAPS)))
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE message"))
        connection.execute(text("UPDATE conversation SET last_number = 0"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return found


def _ask(engine: Engine, question: str) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(text(question)))


def _floors(url: str, seconds: float) -> list[floor.Floor]:
    engine = make_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT conversation_id, requester_id FROM ticket LIMIT 10"))
        rooms = [(UUID(str(row[0])), UUID(str(row[1]))) for row in rows]
    engine.dispose()
    return [floor.measure(url, rooms[:count], BODY, seconds) for count in (1, len(rooms))]


def _print(findings: Findings) -> None:
    show(findings.results)
    for arrival in findings.arrivals:
        print(
            f"{arrival.clients:>7}  {arrival.server} let in {arrival.per_second:.0f} clients/s, "
            f"{arrival.kb_each:.0f} KB each"
        )
    for stored in findings.stored:
        print(
            f"{stored.clients:>7}  acknowledged {stored.acknowledged}, stored {stored.stored}, "
            f"conversations with gaps {stored.conversations_with_gaps}"
        )
    for one in findings.floors:
        times = one.commit_ms
        tail = f", p50 {times.p50:.1f} ms, p99 {times.p99:.1f} ms" if times else ""
        print(f"PostgreSQL alone, {one.connections} connections: {one.messages_per_second:.0f} messages/s{tail}")


def _write(plan: Plan, findings: Findings, more: Mapping[str, object]) -> None:
    result = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "node": _node_version(),
            "load_average": os.getloadavg(),
        },
        **more,
        "plan": asdict(plan),
        **asdict(findings),
        "ratios": [asdict(one) for one in ratios(findings.results)],
    }
    _results().mkdir(parents=True, exist_ok=True)
    file = _results() / "chat.json"
    file.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"→ {file.relative_to(ROOT) if file.is_relative_to(ROOT) else file}")


def _results() -> Path:
    return Path(os.environ.get("DESK_BENCH") or ROOT / "var" / "bench")


def _node_version() -> str:
    node = find_node()
    return node.version if node else ""
