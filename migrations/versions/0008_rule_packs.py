"""Rule packs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FILINGS_STAY = """
CREATE TRIGGER rule_filing_stays BEFORE UPDATE OR DELETE ON rule_filing
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "rule_pack",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_unit_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("ck_rule_pack_ends_after_start")),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_rule_pack_name_not_blank")),
        sa.ForeignKeyConstraint(["owner_unit_id"], ["org_unit.id"], name=op.f("fk_rule_pack_owner_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_pack")),
        sa.UniqueConstraint("code", name=op.f("uq_rule_pack_code")),
    )
    op.create_index("ix_rule_pack_owner_unit_id", "rule_pack", ["owner_unit_id"])
    op.create_table(
        "pack_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pack_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_house_default", sa.Boolean(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("retired_at >= stated_at", name=op.f("ck_pack_rule_retired_after_stated")),
        sa.CheckConstraint("btrim(clause) <> ''", name=op.f("ck_pack_rule_clause_not_blank")),
        sa.ForeignKeyConstraint(["pack_id"], ["rule_pack.id"], name=op.f("fk_pack_rule_pack_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_rule")),
    )
    in_force = sa.text("retired_at IS NULL")
    op.create_index(
        "uq_pack_rule_pack_id_topic", "pack_rule", ["pack_id", "topic"], unique=True, postgresql_where=in_force
    )
    op.create_index("ix_pack_rule_topic", "pack_rule", ["topic"], postgresql_where=in_force)
    create_filing()
    op.execute(FILINGS_STAY)


def create_filing() -> None:
    op.create_table(
        "rule_filing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("filed_with_id", sa.Uuid(), nullable=False),
        sa.Column("pack_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("topics", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("filed_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("ck_rule_filing_ends_after_start")),
        sa.CheckConstraint("cardinality(topics) > 0", name=op.f("ck_rule_filing_names_topics")),
        sa.CheckConstraint("unit_id <> filed_with_id", name=op.f("ck_rule_filing_filed_with_another")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_rule_filing_unit_id")),
        sa.ForeignKeyConstraint(["filed_with_id"], ["org_unit.id"], name=op.f("fk_rule_filing_filed_with_id")),
        sa.ForeignKeyConstraint(["pack_id"], ["rule_pack.id"], name=op.f("fk_rule_filing_pack_id")),
        sa.ForeignKeyConstraint(["filed_by_id"], ["account.id"], name=op.f("fk_rule_filing_filed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_filing")),
    )
    op.create_index("ix_rule_filing_unit_id", "rule_filing", ["unit_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("rule_filing")
    op.drop_table("pack_rule")
    op.drop_table("rule_pack")
