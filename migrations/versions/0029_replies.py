"""Replies with what they quote, and who is called by name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    let_messages_reply()
    create_message_mention()


def let_messages_reply() -> None:
    op.add_column("message", sa.Column("reply_to", sa.Integer(), nullable=True))
    op.add_column("message", sa.Column("quote", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("mentions_all", sa.Boolean(), server_default="false", nullable=False))
    op.create_foreign_key(
        op.f("fk_message_conversation_id_reply_to"),
        "message",
        "message",
        ["conversation_id", "reply_to"],
        ["conversation_id", "number"],
    )
    op.create_check_constraint(op.f("ck_message_replies_to_earlier"), "message", "reply_to < number")
    op.create_check_constraint(op.f("ck_message_reply_has_quote"), "message", "(reply_to IS NULL) = (quote IS NULL)")
    op.create_check_constraint(op.f("ck_message_quote_length"), "message", "char_length(quote) <= 600")
    op.create_index(
        op.f("ix_message_calls_all"),
        "message",
        ["conversation_id", "number"],
        postgresql_where=sa.text("mentions_all"),
    )


def create_message_mention() -> None:
    op.create_table(
        "message_mention",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "number"],
            ["message.conversation_id", "message.number"],
            name=op.f("fk_message_mention_conversation_id_number"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_mention_account_id")),
        sa.PrimaryKeyConstraint("conversation_id", "number", "account_id", name=op.f("pk_message_mention")),
    )
    op.create_index(
        op.f("ix_message_mention_account_id"), "message_mention", ["account_id", "conversation_id", "number"]
    )
