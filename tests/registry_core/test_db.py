"""Connections that were lost while they rested, and the order in which they are handed out."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from registry_core import db
from registry_core.db import Turns, make_engine


@pytest.fixture
def lost(database_url: str) -> Iterator[Engine]:
    """An engine with two resting connections that the server has ended."""
    engine, other = make_engine(database_url), make_engine(database_url)
    with engine.connect() as first, engine.connect() as second:
        numbers = [connection.scalar(text("SELECT pg_backend_pid()")) for connection in (first, second)]
    with other.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(number) FROM unnest(:numbers) number"), {"numbers": numbers}
        )
    yield engine
    engine.dispose()
    other.dispose()


def test_a_connection_that_was_lost_while_it_rested_is_replaced_unseen(
    lost: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "RESTED_SECONDS", 0.0)
    with lost.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_one_lost_right_after_its_use_fails_once_and_takes_all_its_fellows_along(lost: Engine) -> None:
    with lost.connect() as connection, pytest.raises(OperationalError):
        connection.execute(text("SELECT 1"))
    for _use in range(2):
        with lost.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1


@pytest.fixture
def narrow(database_url: str) -> Iterator[Engine]:
    """An engine with one connection."""
    engine = make_engine(database_url, pool_size=1)
    yield engine
    engine.dispose()


def test_connections_are_handed_out_in_the_order_of_asking(narrow: Engine) -> None:
    served: list[int] = []

    def use(name: int) -> None:
        with narrow.connect():
            served.append(name)

    threads = [threading.Thread(target=use, args=(name,)) for name in range(8)]
    with narrow.connect():
        for thread in threads:
            thread.start()
            time.sleep(0.02)
    # Whoever comes by now stands behind them all.
    use(8)
    for thread in threads:
        thread.join()
    assert served == list(range(9))


def test_who_has_waited_long_enough_for_a_connection_is_told_so(
    narrow: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "PATIENCE_SECONDS", 0.05)
    with narrow.connect(), pytest.raises(PoolExhausted), narrow.connect():
        pass
    with narrow.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_a_connection_that_cannot_be_made_leaves_its_place_free() -> None:
    engine = make_engine("postgresql+psycopg:///nobody?host=/nowhere", pool_size=1)
    for _attempt in range(3):
        with pytest.raises(OperationalError):
            engine.connect()


def test_a_turn_that_was_given_up_goes_to_the_next() -> None:
    turns = Turns(1)
    assert turns.take(0)
    assert not turns.take(0.01)
    turns.give()
    assert turns.take(0)
