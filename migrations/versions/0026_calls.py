"""Voice and video."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

KEEP_STATE = """
CREATE FUNCTION keep_call_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'ended' OR (OLD.state = 'running' AND NEW.state = 'ringing') THEN
        RAISE EXCEPTION 'a call does not go back from % to %', OLD.state, NEW.state;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER talk_call_goes_on BEFORE UPDATE ON talk_call FOR EACH ROW EXECUTE FUNCTION keep_call_state();
"""


def upgrade() -> None:
    """Apply."""
    create_talk_call()
    create_call_part()
    op.execute(KEEP_STATE)


def create_talk_call() -> None:
    op.create_table(
        "talk_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("started_by_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("kind", "voice", "video"), nullable=False),
        sa.Column("state", _one_of("state", "ringing", "running", "ended"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome", _one_of("outcome", "answered", "declined", "missed", "busy", "left", "failed"), nullable=True
        ),
        sa.CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_talk_call_ended_has_time")),
        sa.CheckConstraint("(state = 'ended') = (outcome IS NOT NULL)", name=op.f("ck_talk_call_ended_has_outcome")),
        sa.CheckConstraint(
            "state <> 'running' OR answered_at IS NOT NULL", name=op.f("ck_talk_call_running_was_answered")
        ),
        sa.CheckConstraint(
            "state <> 'ringing' OR answered_at IS NULL", name=op.f("ck_talk_call_ringing_is_unanswered")
        ),
        sa.CheckConstraint(
            "state <> 'ended' OR (outcome = 'answered') = (answered_at IS NOT NULL)",
            name=op.f("ck_talk_call_outcome_fits"),
        ),
        sa.CheckConstraint("started_at <= answered_at AND answered_at <= ended_at", name=op.f("ck_talk_call_in_order")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_talk_call_conversation_id")),
        sa.ForeignKeyConstraint(["started_by_id"], ["account.id"], name=op.f("fk_talk_call_started_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_call")),
    )
    is_open = sa.text("state <> 'ended'")
    op.create_index("uq_talk_call_open", "talk_call", ["conversation_id"], unique=True, postgresql_where=is_open)
    op.create_index(op.f("ix_talk_call_conversation_id"), "talk_call", ["conversation_id"])
    op.create_index(op.f("ix_talk_call_open"), "talk_call", ["started_at"], postgresql_where=is_open)


def create_call_part() -> None:
    op.create_table(
        "call_part",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state", _one_of("part_state", "ringing", "joined", "declined", "missed", "busy", "left"), nullable=False
        ),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device", sa.String(length=64), nullable=True),
        sa.Column("socket", sa.String(length=64), nullable=True),
        sa.Column("gone_since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'joined' OR (device IS NOT NULL AND joined_at IS NOT NULL"
            " AND (socket IS NOT NULL OR gone_since IS NOT NULL))",
            name=op.f("ck_call_part_joined_by_a_page"),
        ),
        sa.CheckConstraint("state = 'joined' OR gone_since IS NULL", name=op.f("ck_call_part_only_who_joined_is_gone")),
        sa.ForeignKeyConstraint(["call_id"], ["talk_call.id"], name=op.f("fk_call_part_call_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_call_part_account_id")),
        sa.PrimaryKeyConstraint("call_id", "account_id", name=op.f("pk_call_part")),
    )
    has_joined = sa.text("state = 'joined'")
    op.create_index("uq_call_part_joined", "call_part", ["account_id"], unique=True, postgresql_where=has_joined)
    op.create_index(op.f("ix_call_part_socket"), "call_part", ["socket"], postgresql_where=has_joined)
    op.create_index(
        op.f("ix_call_part_ringing"), "call_part", ["account_id"], postgresql_where=sa.text("state = 'ringing'")
    )


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
