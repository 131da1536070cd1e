"""Search in what was said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TERMS = """
CREATE FUNCTION message_terms(body text) RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000
AS $$
DECLARE
    sign text;
    code bigint;
    before bigint := 0;
    terms bigint[] := '{}';
BEGIN
    FOREACH sign IN ARRAY string_to_array(lower(body COLLATE pg_catalog.pg_c_utf8), NULL) LOOP
        code := ascii(sign);
        IF code BETWEEN 65281 AND 65374 THEN
            code := code - 65248;
        END IF;
        IF code <= 32 OR code = 12288 THEN
            before := 0;
            CONTINUE;
        END IF;
        terms := terms || code;
        IF before > 0 THEN
            terms := terms || ((before << 21) | code);
        END IF;
        before := code;
    END LOOP;
    RETURN terms;
END $$
"""
PENDING_KB = 65_536


def upgrade() -> None:
    """Apply."""
    op.execute(TERMS)
    op.create_index("ix_message_sent_at", "message", ["sent_at", "id"])
    create_terms("ix_message_terms", "message", "body")
    create_terms("ix_message_file_terms", "message_file", "name")


def create_terms(name: str, table: str, column: str) -> None:
    """Index the characters and pairs of a column; how frequent each is decides how a search is done."""
    op.create_index(
        name,
        table,
        [sa.text(f"message_terms({column})")],
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": PENDING_KB},
    )
    op.execute(f"ALTER INDEX {name} ALTER COLUMN 1 SET STATISTICS 500")
