"""Accounts from a spreadsheet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATES = ("faulty", "checked", "waiting", "applied", "refused", "dropped")
REASONS = ("rights", "rows", "late")


def upgrade() -> None:
    """Apply."""
    create_batch()
    op.create_table(
        "batch_account",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_batch_account_account_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["account_batch.id"], name=op.f("fk_batch_account_batch_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_batch_account")),
    )
    op.create_index("ix_batch_account_batch_id", "batch_account", ["batch_id"])


def create_batch() -> None:
    op.create_table(
        "account_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("on_behalf_of_id", sa.Uuid(), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        one_of("state", *STATES),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("people_count", sa.Integer(), nullable=False),
        sa.Column("rows", postgresql.JSONB(), nullable=True),
        sa.Column("faults", postgresql.JSONB(), nullable=False),
        sa.Column("summary", postgresql.JSONB(), nullable=False),
        sa.Column("origin", postgresql.JSONB(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        one_of("reason", *REASONS, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        held("content_gone_when_done", "(state IN ('applied', 'dropped')) = (rows IS NULL)"),
        held("origin_gone_with_content", "rows IS NOT NULL OR origin IS NULL"),
        held("ended_when_done", "(state IN ('applied', 'refused', 'dropped')) = (ended_at IS NOT NULL)"),
        held("asked_for", "state NOT IN ('waiting', 'applied', 'refused') OR asked_at IS NOT NULL"),
        held("not_asked_for", "state NOT IN ('faulty', 'checked') OR asked_at IS NULL"),
        held("refused_with_reason", "state <> 'refused' OR reason IS NOT NULL"),
        held("faulty_with_faults", "state <> 'faulty' OR jsonb_array_length(faults) > 0"),
        held("counted", "row_count > 0 AND people_count >= 0"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_batch_account_id")),
        sa.ForeignKeyConstraint(["on_behalf_of_id"], ["account.id"], name=op.f("fk_account_batch_on_behalf_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_batch")),
    )
    op.create_index("ix_account_batch_account_id_created_at", "account_batch", ["account_id", "created_at"])
    op.create_index("ix_account_batch_state", "account_batch", ["state"])


def one_of(name: str, *values: str, nullable: bool = False) -> sa.Column[str]:
    kinds = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(name, kinds, nullable=nullable)


def held(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_account_batch_{name}"))
