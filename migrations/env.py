"""Alembic's entry point: migrates the database that the configuration names."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine, pool

from portal.tables import METADATA


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave Procrastinate's own tables out of every comparison; its package defines them."""
    return kind != "table" or not (name or "").startswith("procrastinate_")


def migrate(connection: Connection) -> None:
    """Bring the database to the newest form in one transaction."""
    context.configure(connection=connection, target_metadata=METADATA, include_name=ours, compare_server_default=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=pool.NullPool)
    with engine.connect() as opened:
        migrate(opened)
