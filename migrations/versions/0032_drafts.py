"""What stands unsent in somebody's box, the same on all of their devices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "draft",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.Integer(), nullable=True),
        sa.Column("quote", sa.String(length=500), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("char_length(body) <= 4000", name=op.f("ck_draft_body_length")),
        sa.CheckConstraint("body <> '' OR reply_to IS NULL", name=op.f("ck_draft_empty_is_empty")),
        sa.CheckConstraint("quote IS NULL OR reply_to IS NOT NULL", name=op.f("ck_draft_quote_of_something")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draft_account_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_draft_conversation_id")),
        sa.PrimaryKeyConstraint("account_id", "conversation_id", name=op.f("pk_draft")),
    )
    op.create_index("ix_draft_conversation_id", "draft", ["conversation_id"])
