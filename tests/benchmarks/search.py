"""How fast a search answers among 1,000,000 messages: words of 1, 2 and 4 characters, few and many conversations.

Needs DATABASE_URL with the house's tables in it, emptied at the start; loads generated messages by COPY. A search is
what the page asks: everything the actor may read, the newest twenty, with who said it. Also how long the indexes take
to build, how large they are, and what they cost who sends: the same messages sent with them and without. Prints tables
and writes `search.json` into the folder that DESK_BENCH names (`var/bench` without it).
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any, cast
from uuid import UUID

import psycopg
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from chat import services
from chat.keeper import MessengerKeeper
from chat.models import TERM_INDEXES
from chat.policies import install_keepers
from chat.queries.search import Sought, search_messages
from chat.queries.words import read_words
from helpdesk.keeper import TicketKeeper
from portal.permissions import RIGHTS
from registry_core import clock
from registry_core.access.actors import Actor, install_rights
from registry_core.access.models import Role
from registry_core.access.queries import load_actor
from registry_core.access.services import grant_role
from registry_core.accounts.models import Account
from registry_core.db import make_engine, new_id
from registry_core.orgs.models import Level
from registry_core.orgs.services import add_unit
from tests.benchmarks.timing import describe, measure, show, write
from tests.generated_messages import Speech

READERS = (10, 1_000, 20_000)
SPREAD = timedelta(days=365)
SAMPLE = 100_000
WORDS_EACH = 20
INDEXES = (*TERM_INDEXES, "ix_message_sent_at")


def main(argv: list[str]) -> int:
    """Run the benchmark; options `--messages`, `--conversations`, `--calls`, `--sent`, `--seed`."""
    options = _options(argv)
    install_rights(RIGHTS)
    install_keepers([TicketKeeper(), MessengerKeeper()])
    engine = make_engine(os.environ["DATABASE_URL"])
    try:
        people, conversations = _plant(engine, options)
        definitions = _drop_indexes(engine)
        sample = _load(engine, options, people[-1], conversations)
        built = _build(engine, definitions)
        words = _choose(sample)
        with Session(engine) as session:
            actors = [load_actor(session, one, at=clock.now()) for one in people[:-1]]
            timings = [
                one
                for actor, count in zip(actors, READERS, strict=True)
                for one in _search(session, actor, count, words, options)
            ]
        result = describe(engine) | {"messages": options.messages, "conversations": options.conversations}
        result |= {"built": built, "searches": show(timings)}
        result["sending"] = _send(engine, actors[0], conversations[0], options)
    finally:
        engine.dispose()
    write("search", result)
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./desk bench search", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--conversations", type=int, default=50_000)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--sent", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=20261122)
    return parser.parse_args(argv)


def _copy(engine: Engine, into: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with engine.begin() as connection:
        raw = cast("psycopg.Connection[tuple[Any, ...]]", connection.connection.driver_connection)
        with raw.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _plant(engine: Engine, options: argparse.Namespace) -> tuple[list[UUID], list[UUID]]:
    """Make the readers, each in so many groups, and one more who is in none and says everything."""
    dice, at = random.Random(options.seed), clock.now() - SPREAD
    with Session(engine) as session, session.begin():
        county = add_unit(session, None, level=Level.MINISTRY, name="教育部")
        people = []
        for number in range(len(READERS) + 1):
            account = Account(
                user_name=f"bench{number}", name="测量", password_hash="", password_changed_at=at, created_at=at
            )
            session.add(account)
            session.flush()
            grant_role(session, account_id=account.id, unit_id=county.id, role=Role.REGISTRY_ADMINISTRATOR)
            people.append(account.id)
    made = [new_id() for _ in range(options.conversations)]
    _copy(engine, "conversation (id, created_at)", ((one, at) for one in made))
    _copy(
        engine,
        "talk_group (conversation_id, name, created_by_id, created_at)",
        ((one, "群", people[-1], at) for one in made),
    )
    chosen = [dice.sample(made, min(count, len(made))) for count in READERS]
    chosen[0][0] = made[0]
    member = "participant (conversation_id, account_id, joined_at)"
    _copy(
        engine,
        member,
        ((one, person, at) for person, mine in zip(people, chosen, strict=False) for one in dict.fromkeys(mine)),
    )
    return people, made


def _drop_indexes(engine: Engine) -> dict[str, str]:
    """Take the indexes of the search away, and say how they were made."""
    with engine.begin() as connection:
        rows = connection.execute(
            text("SELECT relname, pg_get_indexdef(oid) FROM pg_class WHERE relname = ANY(:names)"),
            {"names": list(INDEXES)},
        )
        definitions: dict[str, str] = dict(rows.tuples().all())
        for name in definitions:
            connection.execute(text(f"DROP INDEX {name}"))
    return definitions


def _load(engine: Engine, options: argparse.Namespace, sender: UUID, conversations: list[UUID]) -> list[str]:
    """Load messages over a year; a few conversations have much of what is said, most have little."""
    dice, said = random.Random(options.seed), list(Speech(options.seed).messages(options.messages))
    weights = list(accumulate(1 / (place + 200) ** 0.5 for place in range(len(conversations))))
    chosen = dice.choices(conversations, cum_weights=weights, k=len(said))
    numbers: Counter[UUID] = Counter()
    begin, step = datetime.now(UTC) - SPREAD, SPREAD / max(1, len(said))

    def rows() -> Iterator[tuple[Any, ...]]:
        for place, (conversation_id, body) in enumerate(zip(chosen, said, strict=True)):
            numbers[conversation_id] += 1
            message_id, sent_at = new_id(), begin + place * step
            number = numbers[conversation_id]
            yield (message_id, conversation_id, number, sender, str(number), "text", body, sent_at)

    _copy(engine, "message (id, conversation_id, number, sender_id, client_id, kind, body, sent_at)", rows())
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE conversation SET last_number = counted.most FROM"
                " (SELECT conversation_id, max(number) AS most FROM message GROUP BY 1) AS counted"
                " WHERE id = conversation_id"
            )
        )
    return said[-SAMPLE:]


def _build(engine: Engine, definitions: dict[str, str]) -> list[dict[str, Any]]:
    """Build the indexes as they were, and say how long it took and how large they are beside the table."""
    built = []
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name, definition in definitions.items():
            began = time.perf_counter()
            connection.execute(text(definition))
            seconds = time.perf_counter() - began
            size = connection.scalar(text("SELECT pg_relation_size(CAST(:name AS regclass))"), {"name": name}) or 0
            built.append({"index": name, "seconds": round(seconds, 1), "mb": round(size / 1e6, 1)})
        for name in TERM_INDEXES:
            connection.execute(text(f"ALTER INDEX {name} ALTER COLUMN 1 SET STATISTICS 500"))
        connection.execute(text("VACUUM ANALYZE"))
        table = connection.scalar(text("SELECT pg_table_size('message')")) or 0
    built.append({"index": "(the table itself)", "seconds": 0.0, "mb": round(table / 1e6, 1)})
    for one in built:
        print(f"{one['index']:<28}{one['seconds']:>8.1f} s{one['mb']:>10.1f} MB")
    return built


def _choose(sample: list[str]) -> dict[str, list[str]]:
    """Choose words of each length by how many messages of the sample have them."""
    chosen = {}
    for length in (1, 2, 4):
        counted = Counter(
            word
            for body in sample
            for word in {body[start : start + length] for start in range(len(body) - length + 1)}
            if word.isalpha() and not word.isascii()
        )
        ranked = [word for word, _count in counted.most_common()]
        chosen[f"{length}, common"] = ranked[:WORDS_EACH]
        chosen[f"{length}, middling"] = ranked[len(ranked) // 20 :][:WORDS_EACH]
        chosen[f"{length}, rare"] = ranked[-WORDS_EACH:]
    return chosen


def _search(
    session: Session, actor: Actor, count: int, words: dict[str, list[str]], options: argparse.Namespace
) -> list[Any]:
    def ask(word: str) -> None:
        search_messages(session, actor, Sought(read_words(word)))
        session.rollback()

    return [
        measure(f"{count} conversations, {kind}", ask, [some[place % len(some)] for place in range(options.calls)])
        for kind, some in words.items()
    ]


def _send(engine: Engine, actor: Actor, conversation_id: UUID, options: argparse.Namespace) -> dict[str, Any]:
    """Send messages with the indexes, take up what they left waiting, and send as many without them."""
    said = list(Speech(options.seed + 1).messages(2 * options.sent))
    with_indexes = _send_all(engine, actor, conversation_id, said[: options.sent])
    began = time.perf_counter()
    with engine.begin() as connection:
        connection.execute(text(f"SELECT gin_clean_pending_list('{TERM_INDEXES[0]}')"))
    taken_up = round((time.perf_counter() - began) * 1000 / options.sent, 3)
    _drop_indexes(engine)
    without = _send_all(engine, actor, conversation_id, said[options.sent :])
    ratios = {name: round(with_indexes[name] / without[name], 2) for name in without}
    print(f"{'sent, committed':<24}{'p50 ms':>10}{'p99 ms':>10}{'WAL bytes':>12}")
    for name, row in (("with the indexes", with_indexes), ("without", without), ("ratio", ratios)):
        print(f"{name:<24}{row['p50_ms']:>10.3f}{row['p99_ms']:>10.3f}{row['wal_bytes']:>12.2f}")
    print(f"taken into the index later, by the worker: {taken_up} ms a message")
    return {"with": with_indexes, "without": without, "ratio": ratios, "taken_up_ms": taken_up}


def _send_all(engine: Engine, actor: Actor, conversation_id: UUID, said: list[str]) -> dict[str, float]:
    with Session(engine) as session:
        before = session.scalar(text("SELECT pg_current_wal_lsn()"))

        def send(body: str) -> None:
            services.post_message(session, actor, conversation_id, client_id=str(new_id()), body=body)
            session.commit()

        timing = measure("sent", send, said)
        wal = session.scalar(
            text("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), CAST(:before AS pg_lsn))"), {"before": before}
        )
    return {"p50_ms": timing.p50_ms, "p99_ms": timing.p99_ms, "wal_bytes": round(float(wal or 0) / len(said))}
