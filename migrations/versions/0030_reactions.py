"""Reactions, pins and stars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    create_reactions()
    create_pins()
    create_stars()


def create_reactions() -> None:
    op.create_table(
        "message_reaction",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("emoji", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_reaction_message_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_reaction_account_id")),
        sa.PrimaryKeyConstraint("message_id", "account_id", "emoji", name=op.f("pk_message_reaction")),
    )


def create_pins() -> None:
    op.create_table(
        "message_pin",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_pin_message_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_message_pin_conversation_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_pin_account_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_pin")),
    )
    op.create_index(op.f("ix_message_pin_conversation_id"), "message_pin", ["conversation_id", "at"])


def create_stars() -> None:
    op.create_table(
        "message_star",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_star_account_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_star_message_id")),
        sa.PrimaryKeyConstraint("account_id", "message_id", name=op.f("pk_message_star")),
    )
    op.create_index(op.f("ix_message_star_latest"), "message_star", ["account_id", "at", "message_id"])
    op.create_index(op.f("ix_message_star_message_id"), "message_star", ["message_id"])
