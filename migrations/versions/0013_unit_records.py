"""Unit records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CHANGES_STAY = """
CREATE TRIGGER record_change_stays BEFORE UPDATE OR DELETE ON record_change
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
ENTITIES = ("supervising_unit", "school", "kindergarten", "kg_teacher", "school_teacher")


def entity() -> sa.Column[str]:
    kinds = sa.Enum(*ENTITIES, name="entity", native_enum=False, create_constraint=True, length=40)
    return sa.Column("entity", kinds, nullable=False)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "unit_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        entity(),
        sa.Column("values", postgresql.JSONB(), nullable=False),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("version > 0", name=op.f("ck_unit_record_version_counts_up")),
        sa.CheckConstraint("gaps >= 0", name=op.f("ck_unit_record_gaps_counted")),
        sa.CheckConstraint(
            "left_at IS NULL OR entity IN ('kg_teacher', 'school_teacher')",
            name=op.f("ck_unit_record_only_teachers_leave"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_unit_record_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_record")),
    )
    op.create_index(
        "uq_unit_record_unit_id_entity",
        "unit_record",
        ["unit_id", "entity"],
        unique=True,
        postgresql_where=sa.text("entity NOT IN ('kg_teacher', 'school_teacher')"),
    )
    op.create_index("ix_unit_record_unit_id", "unit_record", ["unit_id"])
    create_history()
    create_import()
    op.execute(CHANGES_STAY)


def create_history() -> None:
    op.create_table(
        "record_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("old", postgresql.JSONB(), nullable=True),
        sa.Column("new", postgresql.JSONB(), nullable=True),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("old IS DISTINCT FROM new", name=op.f("ck_record_change_is_a_change")),
        sa.ForeignKeyConstraint(["record_id"], ["unit_record.id"], name=op.f("fk_record_change_record_id")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["account.id"], name=op.f("fk_record_change_changed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_change")),
        sa.UniqueConstraint("record_id", "version", "field", name=op.f("uq_record_change_record_id_version_field")),
    )
    op.create_index("ix_record_change_record_id_field", "record_change", ["record_id", "field"])


def create_import() -> None:
    op.create_table(
        "record_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        entity(),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("rows", postgresql.JSONB(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("applied_at >= created_at", name=op.f("ck_record_import_applied_after_checked")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_record_import_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_import")),
    )
    op.create_index("ix_record_import_account_id", "record_import", ["account_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("record_import")
    op.drop_table("record_change")
    op.drop_table("unit_record")
