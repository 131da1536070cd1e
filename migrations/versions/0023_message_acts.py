"""What is done with a message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# refuse_change() stands in 0002: what somebody said before has to be provable.
REVISIONS_STAY = """
CREATE TRIGGER message_revision_stays BEFORE UPDATE OR DELETE ON message_revision
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
BODY_LENGTH = "CASE WHEN taken_back_at IS NULL THEN char_length(body) BETWEEN 1 AND 4000 ELSE body = '' END"


def upgrade() -> None:
    """Apply."""
    count_changes()
    create_message_revision()


def count_changes() -> None:
    op.add_column("conversation", sa.Column("last_change", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_conversation_changes_count_up"), "conversation", "last_change >= 0")
    op.add_column("message", sa.Column("change", sa.Integer(), server_default="0", nullable=False))
    op.add_column("message", sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f("ck_message_body_length"), "message")
    op.create_check_constraint(op.f("ck_message_body_length"), "message", BODY_LENGTH)
    op.create_index(
        op.f("ix_message_changed"), "message", ["conversation_id", "change"], postgresql_where=sa.text("change > 0")
    )


def create_message_revision() -> None:
    op.create_table(
        "message_revision",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column(
            "act",
            sa.Enum("edit", "take_back", name="act", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_message_revision_conversation_id")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_revision_message_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_revision_account_id")),
        sa.PrimaryKeyConstraint("conversation_id", "change", name=op.f("pk_message_revision")),
    )
    op.create_index(op.f("ix_message_revision_message_id"), "message_revision", ["message_id"])
    op.execute(REVISIONS_STAY)
