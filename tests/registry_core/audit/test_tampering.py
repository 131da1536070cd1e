"""Ten thousand times somebody tampers with the trail; each time it is found, in the chain where it happened."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from random import Random

import pytest
from sqlalchemy import Connection, Engine, delete, insert, text, update
from sqlalchemy.orm import Session, sessionmaker

from registry_core import audit
from registry_core.audit import queries
from registry_core.audit.entries import Head, seal
from registry_core.audit.models import AuditEntry, AuditHead
from registry_core.audit.verification import ChainReport, Reason, stream_entries, verify, verify_all, verify_chain
from registry_core.db import new_id, transaction
from tests.registry_core.audit.conftest import Person
from tests.registry_core.audit.tampering import WAYS, Chain, Loot, alter, cut, rewrite

TRIALS_ON_COPIES = 9_500
TRIALS_ON_THE_TABLE = 500
PEOPLE = 24
ENTRIES_OF_EACH = 5


@pytest.fixture
def chains(sessions: sessionmaker[Session]) -> dict[int, Chain]:
    """A committed trail of several chains."""
    people = [Person(new_id()) for _person in range(PEOPLE)]
    for turn in range(ENTRIES_OF_EACH):
        with transaction(sessions) as session:
            for one in people:
                change = {"name": audit.Change(turn, turn + 1, audit.FieldClass.INTERNAL)}
                about = audit.Subject("account", one.account_id, label=f"第{turn}小学")
                audit.note(session, one, "accounts.renamed", about=about, changes=change)
    with sessions() as session:
        return {chain: list(group) for chain, group in groupby(stream_entries(session), key=attrgetter("chain"))}


def heads_of(chains: dict[int, Chain]) -> dict[int, Head]:
    return {chain: Head(entries[-1].number, entries[-1].hash) for chain, entries in chains.items()}


def faulty(reports: list[ChainReport]) -> list[int]:
    return [report.chain for report in reports if report.fault]


def test_nothing_is_found_where_nobody_has_tampered(chains: dict[int, Chain]) -> None:
    heads = heads_of(chains)
    everything = [entry for chain in sorted(chains) for entry in chains[chain]]
    assert len(chains) > 4
    assert faulty(verify_all(everything, heads, {chain: [head] for chain, head in heads.items()})) == []


def test_every_way_of_tampering_is_found_in_copies_of_the_chains(chains: dict[int, Chain]) -> None:
    heads = heads_of(chains)
    dice = Random(20261122)
    missed = []
    for trial in range(TRIALS_ON_COPIES):
        chain = dice.choice(list(chains))
        loot, way = Loot(list(chains[chain]), heads[chain]), WAYS[trial % len(WAYS)]
        way(loot, dice)
        reports = verify_all(loot.entries, {chain: loot.head}, {chain: [heads[chain]]})
        if chain not in faulty(reports):
            missed.append((trial, way.__name__))
    assert missed == []


@pytest.fixture
def superuser(engine: Engine) -> Iterator[Connection]:
    """A connection for which no trigger fires."""
    with engine.connect() as connection:
        outer = connection.begin()
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield connection
        outer.rollback()


def test_every_way_of_tampering_is_found_in_the_table(chains: dict[int, Chain], superuser: Connection) -> None:
    heads = heads_of(chains)
    published = {chain: [head] for chain, head in heads.items()}
    dice = Random(20261123)
    missed = []
    for trial in range(TRIALS_ON_THE_TABLE):
        chain = dice.choice(list(chains))
        loot, way = Loot(list(chains[chain]), heads[chain]), WAYS[trial % len(WAYS)]
        way(loot, dice)
        undo = superuser.begin_nested()
        leave(superuser, chain, loot)
        with Session(superuser, join_transaction_mode="create_savepoint") as session:
            if chain not in faulty(verify(session, published)):
                missed.append((trial, way.__name__))
        undo.rollback()
    assert missed == []


def leave(connection: Connection, chain: int, loot: Loot) -> None:
    """Leave a chain in the table as the thief wants it."""
    connection.execute(delete(AuditEntry).where(AuditEntry.chain == chain))
    if loot.entries:
        connection.execute(insert(AuditEntry), [entry._asdict() for entry in loot.entries])
    moved = update(AuditHead).where(AuditHead.chain == chain)
    connection.execute(moved.values(length=loot.head.length, hash=loot.head.hash))


# ── which entry is named, and why ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def loot(chains: dict[int, Chain]) -> Loot:
    chain = max(chains, key=lambda number: len(chains[number]))
    return Loot(list(chains[chain]), heads_of(chains)[chain])


def found(loot: Loot, published: Head | None = None) -> tuple[int, Reason] | None:
    fault = verify_chain(0, loot.entries, loot.head, [published] if published else []).fault
    return (fault.number, fault.reason) if fault else None


def test_the_first_broken_entry_is_named_with_its_reason(loot: Loot) -> None:
    loot.entries[6] = loot.entries[6]._replace(label="假")
    loot.entries[3] = loot.entries[3]._replace(label="假")
    assert found(loot) == (4, Reason.CHANGED)


def test_an_entry_that_is_gone_is_named(loot: Loot) -> None:
    del loot.entries[2]
    assert found(loot) == (3, Reason.MISSING)


def test_behind_an_entry_that_was_hashed_anew_the_next_does_not_follow(loot: Loot) -> None:
    entry = loot.entries[2]._replace(label="假")
    loot.entries[2] = entry._replace(hash=seal(entry))
    assert found(loot) == (4, Reason.UNLINKED)


def test_a_tail_that_was_cut_with_its_head_is_missed_by_nobody_who_has_published(loot: Loot) -> None:
    whole = loot.head
    cut(loot, Random(1))
    assert found(loot) is None
    assert found(loot, whole) == (len(loot.entries) + 1, Reason.MISSING)


def test_a_chain_that_was_hashed_anew_differs_from_what_was_published(loot: Loot) -> None:
    whole = loot.head
    rewrite(loot, Random(1))
    assert found(loot) is None
    assert found(loot, whole) == (whole.length, Reason.PUBLISHED_DIFFERS)


def test_a_head_that_lags_behind_is_named(loot: Loot) -> None:
    loot.head = Head(loot.head.length - 1, loot.entries[-2].hash)
    assert found(loot) == (len(loot.entries), Reason.HEAD_DIFFERS)


def test_a_chain_of_which_only_the_head_is_left_is_found() -> None:
    reports = verify_all([], {3: Head(7, bytes(32))}, {5: [Head(2, bytes(32))]})
    assert [(report.chain, report.fault and report.fault.number) for report in reports] == [(3, 1), (5, 1)]


def test_an_alteration_changes_something(loot: Loot) -> None:
    dice = Random(3)
    for _trial in range(500):
        copy = Loot(list(loot.entries), loot.head)
        alter(copy, dice)
        assert copy.entries != loot.entries


def test_heads_in_the_table_are_those_of_the_last_entries(
    chains: dict[int, Chain], sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        assert queries.list_heads(session) == heads_of(chains)
