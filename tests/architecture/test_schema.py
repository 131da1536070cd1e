"""The migrated database is the one that the models describe, down to each constraint and index."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, make_url, text

from portal.tables import METADATA
from registry_core.db import make_engine

# What the job library brings stands in a migration of its own and has no models (docs/decisions/0003).
OURS = "c.relname NOT LIKE 'procrastinate%' AND c.relname <> 'alembic_version'"

COLUMNS = f"""
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated::text,
           a.attcollation::regcollation::text, pg_get_expr(d.adbin, d.adrelid)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped AND {OURS}
"""  # noqa: S608 - put together from constants
CONSTRAINTS = f"""
    SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.connamespace = 'public'::regnamespace AND {OURS}
"""  # noqa: S608 - as above
INDEXES = f"""
    SELECT c.relname, i.relname, pg_get_indexdef(i.oid)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
    WHERE c.relnamespace = 'public'::regnamespace AND {OURS}
"""  # noqa: S608 - as above


@pytest.fixture(scope="module")
def described(engine: Engine) -> Iterator[Engine]:
    """A second database, made from the models alone."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE DATABASE described"))
        url = make_url(engine.url).set(database="described")
        other = make_engine(url.render_as_string(hide_password=False))
        METADATA.create_all(other)
        yield other
        other.dispose()
        connection.execute(text("DROP DATABASE described"))


def rows(connection: Connection, query: str) -> set[tuple[object, ...]]:
    return {tuple(row) for row in connection.execute(text(query))}


def test_alembic_would_add_nothing(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_name": lambda name, kind, _parents: (
                    kind != "table" or not str(name).startswith("procrastinate")
                ),
            },
        )
        assert compare_metadata(context, METADATA) == []


@pytest.mark.parametrize("query", [COLUMNS, CONSTRAINTS, INDEXES], ids=["columns", "constraints", "indexes"])
def test_migrations_and_models_make_the_same(engine: Engine, described: Engine, query: str) -> None:
    with engine.connect() as migrated, described.connect() as made:
        migrated_rows, made_rows = rows(migrated, query), rows(made, query)
    assert made_rows
    assert migrated_rows - made_rows == set()
    assert made_rows - migrated_rows == set()
