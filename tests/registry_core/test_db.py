"""Connections that were lost while they rested."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from registry_core import db
from registry_core.db import make_engine


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
