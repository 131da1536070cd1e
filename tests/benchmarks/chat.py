"""How fast people talk: messages stored and delivered by the product, beside bare room servers that keep nothing.

The product's web process, and beside it `direct` (its own transport, rooms in memory), `node` (Socket.IO on Node) and
`stock` (Flask-SocketIO as it comes) get the same clients, rooms and messages in the same run; none of the three asks
anybody's right. Servers run on one core, the load on another one. Needs DATABASE_URL and REDIS_URL; works in a database
of its own on that server and drops it afterwards. Prints a table and writes `chat.json` into the folder that DESK_BENCH
names (`var/bench` without it).
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

from sqlalchemy import Engine, make_url, select, text
from sqlalchemy.orm import Session

from chat.models import Conversation
from portal.commands.seeding import migrate
from portal.preparation import find_node
from registry_core import clock
from registry_core.accounts.models import Account
from registry_core.db import make_engine, new_id
from tests.benchmarks.chat_load import floor, loads
from tests.benchmarks.chat_load.crowd import Client, Crowd, Dialogue
from tests.benchmarks.chat_load.loads import BODY, WARM, Idle, Spread, Storm, results_folder
from tests.benchmarks.chat_load.phases import Result, Stage
from tests.benchmarks.chat_load.population import Group, Population, Room
from tests.benchmarks.chat_load.report import show
from tests.benchmarks.chat_load.servers import Cores, NoNode, Server, node_command, pinned, running

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "desk_bench_chat"
AT_ONCE = 50
TALKERS = 1_000
ROOMS = (10, 100, 1_000)
PRODUCT, NODE = "product", "node"
SERVERS = (PRODUCT, "direct", NODE, "stock")
SPARE_FILES = 1_000
# Conversations whose number of messages is not what their counter says: there must be none.
GAPS = """
SELECT count(*) FROM conversation
LEFT JOIN (SELECT conversation_id, count(*) AS stored, max(number) AS highest FROM message GROUP BY 1) AS said
    ON said.conversation_id = conversation.id
WHERE last_number <> coalesce(stored, 0) OR last_number <> coalesce(highest, 0)
"""


HISTORY = 50_000
"""Messages that were said before: in an empty table the database would plan for an empty table."""
REMEMBER = """
INSERT INTO message (id, conversation_id, number, sender_id, client_id, kind, body, sent_at)
SELECT gen_random_uuid(), :conversation, number, :sender, 'before ' || number, 'text', :body, now() - interval '1 day'
FROM generate_series(1, :count) AS number
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured and for how long; `idle` and `storm` are numbers of connections."""

    servers: Sequence[str]
    idle: int
    storm: int
    rate: float
    seconds: float
    turns: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What stands in the database after the product's loads, beside what it acknowledged to the clients."""

    acknowledged: int
    stored: int
    conversations_with_gaps: int

    @property
    def is_whole(self) -> bool:
        """Say whether nothing is missing and nothing too much."""
        return self.stored == self.acknowledged and not self.conversations_with_gaps


@dataclass(slots=True)
class Findings:
    """Everything measured."""

    idle: list[Idle] = field(default_factory=list)
    storms: list[Storm] = field(default_factory=list)
    spreads: list[Spread] = field(default_factory=list)
    pairs: list[Result] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    floors: list[floor.Floor] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class House:
    """The database with its people, and what a server is started with."""

    engine: Engine
    pairs: Group
    rooms: Sequence[Room]
    history_id: UUID
    environment: Mapping[str, str]
    folder: Path
    cores: Cores


def main(argv: list[str]) -> int:
    """Run the benchmark; options `--quick`, `--idle`, `--storm`, `--rate`, `--seconds`, `--turns`, `--servers`."""
    plan = _plan(argv)
    _raise_file_limit()
    began, findings = time.monotonic(), Findings()
    with _scratch_database(os.environ["DATABASE_URL"]) as (url, engine):
        house = _furnish(url, engine, max(plan.idle + WARM, plan.storm, TALKERS))
        server = _ask(engine, "SHOW server_version")
        try:
            _load(plan, house, findings)
            findings.floors = _floors(url, plan.seconds)
        finally:
            # What was measured is kept, also where a later load has failed.
            show(findings)
            _write(plan, findings, {"postgresql": server, "seconds": round(time.monotonic() - began)})
    return 0 if all(one.is_whole for one in findings.stored) else 1


def _load(plan: Plan, house: House, findings: Findings) -> None:
    with pinned(house.cores.load):
        for _turn in range(plan.turns):
            for name in plan.servers:
                _talk(name, plan, house, findings)
        for name in plan.servers:
            _crowd(name, plan, house, findings)


def _plan(argv: list[str]) -> Plan:
    parser = argparse.ArgumentParser(prog="./desk bench chat", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200 idle clients and short loads")
    parser.add_argument("--idle", type=int, default=10_000, help="connections that only listen")
    parser.add_argument("--storm", type=int, default=5_000, help="connections that are cut and come back at once")
    parser.add_argument("--rate", type=float, default=300.0, help="messages a second of the steady load")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each load")
    parser.add_argument("--turns", type=int, default=2, help="how often each server talks; they take turns")
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=SERVERS)
    options = parser.parse_args(argv)
    servers = list(options.servers)
    if NODE in servers:
        try:
            node_command()
        except NoNode as missing:
            print(f"{missing}; measured without it")
            servers.remove(NODE)
    if options.quick:
        return Plan(servers, 200, 200, options.rate, 2.0, 1)
    return Plan(servers, options.idle, options.storm, options.rate, options.seconds, options.turns)


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
        pairs = population.pairs(clients)
        rooms = [population.room(size) for size in ROOMS]
        population.store()
        history_id = _remember(session)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    folder = results_folder(ROOT) / "servers" / "chat" / "web"
    environment = {
        "DATABASE_URL": url,
        "DESK_SECRET_KEY": secret,
        "DESK_MODE": "production",
        "DESK_LOG_LEVEL": "WARNING",
        "DESK_VAR": str(folder),
        # Measured is what the house can do, not what it lets one person do.
        "DESK_SENDS_PER_SECOND": "0",
        "DESK_TALK_SENDS_PER_SECOND": "0",
        "DESK_COMMANDS_PER_SECOND": "0",
    }
    return House(engine, pairs, rooms, history_id, environment, folder, Cores.choose())


def _remember(session: Session) -> UUID:
    """Fill a conversation with what was said before the run; name it."""
    conversation = Conversation(id=new_id(), created_at=clock.now(), last_number=HISTORY)
    session.add(conversation)
    session.flush()
    sender_id = session.scalar(select(Account.id).limit(1))
    values = {"conversation": conversation.id, "sender": sender_id, "body": BODY, "count": HISTORY}
    session.execute(text(REMEMBER), values)
    return conversation.id


def _talk(name: str, plan: Plan, house: House, findings: Findings) -> None:
    """Let a server carry what is said in pairs and in rooms."""
    with running(name, house.folder, house.cores, house.environment) as server:
        acknowledged = _talk_in_pairs(server, plan, house, findings)
        for room in house.rooms:
            found = loads.spread(server, room.conversation_id, room.people, plan.seconds)
            findings.spreads.append(found)
            acknowledged += found.acknowledged
    if name == PRODUCT:
        findings.stored.append(_count_stored(house, acknowledged))


def _talk_in_pairs(server: Server, plan: Plan, house: House, findings: Findings) -> int:
    crowd, pairs = Crowd(server.port, BODY), house.pairs.first(TALKERS)
    people = crowd.connect(pairs.people)
    stage, dialogues = Stage(server, crowd), _dialogues(pairs, people)
    findings.pairs += [
        stage.steady(f"pairs, {plan.rate:g} messages/s", dialogues, plan.rate, plan.seconds),
        stage.fastest(f"pairs, {AT_ONCE} at once", dialogues[:AT_ONCE], plan.seconds),
    ]
    crowd.leave(len(crowd.clients))
    return crowd.acknowledged


def _crowd(name: str, plan: Plan, house: House, findings: Findings) -> None:
    """Let many connect to a server: to stay, and to come back all at once."""
    with running(name, house.folder, house.cores, house.environment) as server:
        findings.idle.append(loads.rest(server, house.pairs.first(min(plan.idle, _most_lines(name)) + WARM).people))
    with running(name, house.folder, house.cores, house.environment) as server:
        findings.storms.append(loads.storm(server, house.pairs.first(min(plan.storm, _most_lines(name))).people))


def _most_lines(name: str) -> int:
    """Say how many lines a server can have open at once: the library's own transport takes two files for each."""
    files, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (files - SPARE_FILES) // (2 if name == "stock" else 1)


def _dialogues(group: Group, people: Sequence[Client]) -> list[Dialogue]:
    return [Dialogue(pair.conversation_id, (people[pair.asker], people[pair.technician])) for pair in group.pairs]


def _count_stored(house: House, acknowledged: int) -> Stored:
    """Compare what was stored with what was acknowledged, and empty the conversations for the next turn."""
    engine, history = house.engine, {"history": house.history_id}
    stored = int(_ask(engine, "SELECT count(*) FROM message")) - HISTORY
    found = Stored(acknowledged, stored, int(_ask(engine, GAPS)))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM message WHERE conversation_id <> :history"), history)
        connection.execute(text("UPDATE conversation SET last_number = 0 WHERE id <> :history"), history)
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


def _write(plan: Plan, findings: Findings, more: Mapping[str, object]) -> None:
    node = find_node()
    result = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "node": node.version if node else "",
            "load_average": os.getloadavg(),
        },
        **more,
        "plan": asdict(plan),
        **asdict(findings),
    }
    folder = results_folder(ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "chat.json"
    file.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"→ {file.relative_to(ROOT) if file.is_relative_to(ROOT) else file}")
