"""Lay the job tables of Procrastinate 3.10, as its package defines them (docs/decisions/0003)."""

from __future__ import annotations

from alembic import op
from procrastinate import App, SyncPsycopgConnector

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DROP = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate_%' LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', one.name);
    END LOOP;
    FOR one IN SELECT tablename AS name FROM pg_tables WHERE tablename LIKE 'procrastinate_%' LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', one.name);
    END LOOP;
    FOR one IN SELECT typname AS name FROM pg_type WHERE typname LIKE 'procrastinate_%' AND typtype IN ('e', 'c') LOOP
        EXECUTE format('DROP TYPE IF EXISTS %I CASCADE', one.name);
    END LOOP;
END $$;
"""


def upgrade() -> None:
    """Apply."""
    schema = App(connector=SyncPsycopgConnector()).schema_manager.get_schema()
    # Past SQLAlchemy's parameter syntax: the script holds many statements, percent signs and colons.
    op.get_bind().exec_driver_sql(schema.replace("%", "%%"))


def downgrade() -> None:
    """Undo."""
    op.execute(DROP)
