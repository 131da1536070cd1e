"""Who counts as connected: a heartbeat within fifteen seconds, and what is known when Redis is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chat.presence import Presence
from registry_core.db import new_id
from registry_core.store import Redis, make_store

NINE = datetime(2026, 6, 3, 1, 0, tzinfo=UTC)
LIHUA, MING = new_id(), new_id()


@pytest.fixture
def away() -> Presence:
    """The heartbeats in a Redis that is not there."""
    return Presence(make_store("redis://127.0.0.1:1/0"))


def after(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


@pytest.mark.parametrize(("seconds", "there"), [(0, True), (14.999, True), (15, False), (60, False)])
def test_a_heartbeat_counts_for_less_than_fifteen_seconds(presence: Presence, seconds: float, *, there: bool) -> None:
    presence.beat(LIHUA, NINE)
    assert presence.connected([LIHUA, MING], after(seconds)) == (frozenset({LIHUA}) if there else frozenset())


@pytest.mark.parametrize(("seconds", "had_gone"), [(14.999, False), (15, True)])
def test_a_heartbeat_says_whether_somebody_comes_back(presence: Presence, seconds: float, *, had_gone: bool) -> None:
    assert presence.beat(LIHUA, NINE)
    assert presence.beat(LIHUA, after(seconds)) is had_gone


def test_who_closes_the_last_page_is_gone_at_once(presence: Presence) -> None:
    presence.beat(LIHUA, NINE)
    presence.leave(LIHUA)
    assert presence.connected([LIHUA], NINE) == frozenset()


def test_everybody_is_who_was_heard_of_within_fifteen_seconds(presence: Presence, away: Presence) -> None:
    presence.beat(LIHUA, NINE)
    presence.beat(MING, after(0.001))
    assert presence.everybody(after(14.999)) == frozenset({LIHUA, MING})
    assert presence.everybody(after(15)) == frozenset({MING})
    assert away.everybody(NINE) is None


def test_nobody_asked_for_is_nobody_connected(presence: Presence) -> None:
    assert presence.connected([], NINE) == frozenset()


def test_a_house_may_set_another_silence(store: Redis) -> None:
    patient = Presence(store, gone_after=timedelta(seconds=30))
    patient.beat(LIHUA, NINE)
    assert patient.connected([LIHUA], after(29.9)) == frozenset({LIHUA})
    assert patient.connected([LIHUA], after(30)) == frozenset()


def test_without_redis_nobody_knows_instead_of_nobody_being_there(away: Presence) -> None:
    assert away.connected([LIHUA], NINE) is None
    assert not away.is_known()


def test_without_redis_heartbeats_and_leaving_do_no_harm(away: Presence) -> None:
    assert not away.beat(LIHUA, NINE)
    away.leave(LIHUA)


def test_with_redis_emptied_everybody_comes_back_with_the_next_heartbeat(presence: Presence, store: Redis) -> None:
    presence.beat(LIHUA, NINE)
    store.flushall()
    assert presence.connected([LIHUA], after(1)) == frozenset()
    assert presence.beat(LIHUA, after(2))


def test_a_heartbeat_of_many_names_who_had_not_been_gone_and_notes_only_them(presence: Presence) -> None:
    presence.beat(LIHUA, NINE)
    presence.beat(MING, after(-10))
    assert presence.prolong([LIHUA, MING, new_id()], after(5)) == frozenset({LIHUA})
    assert presence.connected([LIHUA, MING], after(19)) == frozenset({LIHUA})
    assert presence.beat(MING, after(19))


def test_without_redis_a_heartbeat_of_many_brings_nobody_back(away: Presence) -> None:
    assert away.prolong([LIHUA, MING], NINE) == frozenset({LIHUA, MING})
