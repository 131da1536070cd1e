"""Purposes, undertakings, and looks from above."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# refuse_change() stands in 0002: what somebody promised or stated has to be provable.
PROMISES_STAY = """
CREATE TRIGGER undertaking_text_stays BEFORE UPDATE OR DELETE ON undertaking_text
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER undertaking_stays BEFORE UPDATE OR DELETE ON undertaking
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER purpose_statement_stays BEFORE UPDATE OR DELETE ON purpose_statement
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "undertaking_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("text", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("pack_code", sa.String(length=60), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cardinality(text) > 0", name=op.f("ck_undertaking_text_says_something")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undertaking_text")),
        sa.UniqueConstraint("text_hash", name=op.f("uq_undertaking_text_text_hash")),
    )
    op.create_table(
        "undertaking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("text_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_undertaking_account_id")),
        sa.ForeignKeyConstraint(["text_id"], ["undertaking_text.id"], name=op.f("fk_undertaking_text_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_undertaking_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undertaking")),
        sa.UniqueConstraint("account_id", "text_id", name=op.f("uq_undertaking_account_id_text_id")),
    )
    op.create_index("ix_undertaking_text_id", "undertaking", ["text_id"])
    op.create_table(
        "purpose_statement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("browser_session_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("pack_code", sa.String(length=60), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_purpose_statement_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purpose_statement")),
    )
    op.create_index("ix_purpose_statement_account_id", "purpose_statement", ["account_id", "stated_at"])
    op.execute(PROMISES_STAY)
