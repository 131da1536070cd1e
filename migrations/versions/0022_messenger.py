"""People and groups who write to one another, and names that are found by their pinyin."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    spell_names()
    move_conversations()
    create_direct_talk()
    create_talk_group()


def spell_names() -> None:
    # Names are spelled by the program: those that stand here already are, within minutes, by a tick of the worker.
    op.add_column("account", sa.Column("name_keys", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.create_index(op.f("ix_account_name_keys"), "account", ["name_keys"], postgresql_using="gin")
    op.create_index(
        op.f("ix_account_name_characters"),
        "account",
        [sa.text("string_to_array(lower(name), NULL::text)")],
        postgresql_using="gin",
    )
    op.create_index(op.f("ix_account_unspelled"), "account", ["id"], postgresql_where=sa.text("name_keys = '{}'"))


def move_conversations() -> None:
    op.add_column("conversation", sa.Column("moved_in", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("participant", sa.Column("is_owner", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("participant", sa.Column("is_muted", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("participant", sa.Column("moved_in", sa.BigInteger(), server_default="0", nullable=False))


def create_direct_talk() -> None:
    op.create_table(
        "direct_talk",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("lower_id", sa.Uuid(), nullable=False),
        sa.Column("higher_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by_id", sa.Uuid(), nullable=False),
        sa.Column("is_answered", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("lower_id < higher_id", name=op.f("ck_direct_talk_in_order")),
        sa.CheckConstraint("opened_by_id IN (lower_id, higher_id)", name=op.f("ck_direct_talk_opened_by_one_of_both")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_direct_talk_conversation_id")),
        sa.ForeignKeyConstraint(["lower_id"], ["account.id"], name=op.f("fk_direct_talk_lower_id")),
        sa.ForeignKeyConstraint(["higher_id"], ["account.id"], name=op.f("fk_direct_talk_higher_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["account.id"], name=op.f("fk_direct_talk_opened_by_id")),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_direct_talk")),
        sa.UniqueConstraint("lower_id", "higher_id", name=op.f("uq_direct_talk_lower_id_higher_id")),
    )


def create_talk_group() -> None:
    op.create_table(
        "talk_group",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("is_read_only", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column(
            "reach",
            sa.Enum("exactly", "below", name="reach", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_talk_group_name_not_blank")),
        sa.CheckConstraint(
            "(unit_id IS NULL) = (roles IS NULL) AND (unit_id IS NULL) = (reach IS NULL)"
            " AND (unit_id IS NULL) = (settled_at IS NULL)",
            name=op.f("ck_talk_group_rule_is_whole"),
        ),
        sa.CheckConstraint("cardinality(roles) > 0", name=op.f("ck_talk_group_some_role")),
        sa.CheckConstraint("epoch >= 0", name=op.f("ck_talk_group_epoch_counts_up")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_talk_group_conversation_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["account.id"], name=op.f("fk_talk_group_created_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_talk_group_unit_id")),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_talk_group")),
    )
    op.create_index(
        op.f("ix_talk_group_unit_id"), "talk_group", ["unit_id"], postgresql_where=sa.text("unit_id IS NOT NULL")
    )
