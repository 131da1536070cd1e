"""Records: who enters, who checks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

IS_OPEN = sa.text("state IN ('waiting', 'returned')")


def upgrade() -> None:
    """Apply."""
    create_entered_changes()
    # A plain ADD COLUMN: the trigger that keeps the history as it is does not fire for it.
    op.add_column("record_change", sa.Column("checked_by_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_record_change_checked_by_id"), "record_change", "account", ["checked_by_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_record_change_checked_by_another"), "record_change", "checked_by_id <> changed_by_id"
    )


def create_entered_changes() -> None:
    op.create_table(
        "entered_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("act", _enum(("save", "leave"), "act"), nullable=False),
        sa.Column("old", postgresql.JSONB(), nullable=False),
        sa.Column("new", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", _enum(("waiting", "returned", "accepted", "withdrawn"), "state"), nullable=False),
        sa.Column("entered_by_id", sa.Uuid(), nullable=False),
        sa.Column("entered_for_id", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("check_unit_id", sa.Uuid(), nullable=False),
        sa.Column("check_role", sa.String(length=40), nullable=False),
        sa.Column("named_unit_id", sa.Uuid(), nullable=True),
        sa.Column("pack_name", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_for_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(state IN ('returned', 'accepted')) = (decided_by_id IS NOT NULL)",
            name=op.f("ck_entered_change_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL)", name=op.f("ck_entered_change_decided_at_some_time")
        ),
        sa.CheckConstraint(
            "decided_by_id <> entered_by_id AND decided_by_id <> entered_for_id"
            " AND decided_for_id <> entered_by_id AND decided_for_id <> entered_for_id",
            name=op.f("ck_entered_change_checked_by_another"),
        ),
        sa.CheckConstraint(
            "(state = 'returned') = (btrim(reason) <> '')", name=op.f("ck_entered_change_returned_with_reason")
        ),
        sa.CheckConstraint("revision > 0", name=op.f("ck_entered_change_revision_counts_up")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_entered_change_{column}"))
            for column, table in (
                ("record_id", "unit_record"),
                ("unit_id", "org_unit"),
                ("entered_by_id", "account"),
                ("entered_for_id", "account"),
                ("check_unit_id", "org_unit"),
                ("named_unit_id", "org_unit"),
                ("decided_by_id", "account"),
                ("decided_for_id", "account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entered_change")),
    )
    op.create_index(
        "uq_entered_change_open",
        "entered_change",
        ["record_id", "entered_by_id", sa.text("coalesce(entered_for_id, entered_by_id)")],
        unique=True,
        postgresql_where=IS_OPEN,
    )
    op.create_index(
        "ix_entered_change_check",
        "entered_change",
        ["check_unit_id", "check_role"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ix_entered_change_entered_by_id", "entered_change", ["entered_by_id"], postgresql_where=IS_OPEN)
    op.create_index("ix_entered_change_record_id", "entered_change", ["record_id"])
    op.create_index("ix_entered_change_unit_id", "entered_change", ["unit_id"], postgresql_where=IS_OPEN)


def _enum(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
