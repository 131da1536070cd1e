"""Lay the channel and the help desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STEPS_STAY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ticket_step_stays BEFORE UPDATE OR DELETE ON ticket_step
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "conversation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("last_number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_conversation_counts_up")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
    )
    op.create_table(
        "desk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("switched_on", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("ring_seconds", sa.Integer(), server_default="20", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ring_seconds BETWEEN 5 AND 300", name=op.f("ck_desk_ring_seconds_sensible")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_desk_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk")),
        sa.UniqueConstraint("unit_id", name=op.f("uq_desk_unit_id")),
    )
    op.create_table(
        "duty",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("accepting", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("capacity", sa.Integer(), server_default="5", nullable=False),
        sa.Column("there_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("capacity BETWEEN 1 AND 50", name=op.f("ck_duty_capacity_sensible")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_duty_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_duty")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.String(length=64), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("text", "note", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'note') = (sender_id IS NULL)", name=op.f("ck_message_text_has_sender")),
        sa.CheckConstraint("(sender_id IS NULL) = (client_id IS NULL)", name=op.f("ck_message_sender_has_client_id")),
        sa.CheckConstraint("char_length(body) BETWEEN 1 AND 4000", name=op.f("ck_message_body_length")),
        sa.CheckConstraint("number > 0", name=op.f("ck_message_numbered_from_one")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_message_conversation_id")),
        sa.ForeignKeyConstraint(["sender_id"], ["account.id"], name=op.f("fk_message_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("conversation_id", "number", name=op.f("uq_message_conversation_id_number")),
        sa.UniqueConstraint(
            "conversation_id", "sender_id", "client_id", name=op.f("uq_message_conversation_id_sender_id_client_id")
        ),
    )
    op.create_table(
        "participant",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_up_to", sa.Integer(), server_default="0", nullable=False),
        sa.Column("read_up_to", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "0 <= read_up_to AND read_up_to <= delivered_up_to", name=op.f("ck_participant_read_after_delivered")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_participant_account_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_participant_conversation_id")),
        sa.PrimaryKeyConstraint("conversation_id", "account_id", name=op.f("pk_participant")),
    )
    op.create_index("ix_participant_account_id", "participant", ["account_id"], unique=False)
    op.create_table(
        "desk_hours",
        sa.Column("desk_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.CheckConstraint("opens < closes", name=op.f("ck_desk_hours_opens_before_closes")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_desk_hours_weekday_iso")),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_desk_hours_desk_id")),
        sa.PrimaryKeyConstraint("desk_id", "weekday", "opens", name=op.f("pk_desk_hours")),
    )
    op.create_table(
        "desk_member",
        sa.Column("desk_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_desk_member_account_id")),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_desk_member_desk_id")),
        sa.PrimaryKeyConstraint("desk_id", "account_id", name=op.f("pk_desk_member")),
    )
    op.create_index("ix_desk_member_account_id", "desk_member", ["account_id"], unique=False)
    op.create_table(
        "ticket",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("live", "phone", "email", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("caller", sa.String(length=80), server_default="", nullable=False),
        sa.Column("page", sa.String(length=300), server_default="", nullable=False),
        sa.Column("browser", sa.String(length=300), server_default="", nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ringing",
                "waiting",
                "talking",
                "resolved",
                "closed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("custody_desk_id", sa.Uuid(), nullable=False),
        sa.Column("custody_open", sa.Boolean(), nullable=True),
        sa.Column("handler_id", sa.Uuid(), nullable=True),
        sa.Column("may_climb", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("search_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prefer_id", sa.Uuid(), nullable=True),
        sa.Column("steps", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(custody_open IS TRUE) = (state <> 'closed')", name=op.f("ck_ticket_open_has_custody")),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_ticket_closed_has_time")),
        sa.CheckConstraint(
            "(state IN ('resolved', 'closed')) = (resolved_at IS NOT NULL)", name=op.f("ck_ticket_resolved_has_time")
        ),
        sa.CheckConstraint(
            "state NOT IN ('ringing', 'waiting') OR handler_id IS NULL", name=op.f("ck_ticket_searching_has_no_handler")
        ),
        sa.CheckConstraint(
            "state NOT IN ('talking') OR handler_id IS NOT NULL", name=op.f("ck_ticket_talking_has_handler")
        ),
        sa.CheckConstraint("(resolved_at IS NULL) = (resolution IS NULL)", name=op.f("ck_ticket_resolved_has_text")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_ticket_conversation_id")),
        sa.ForeignKeyConstraint(["custody_desk_id"], ["desk.id"], name=op.f("fk_ticket_custody_desk_id")),
        sa.ForeignKeyConstraint(["handler_id"], ["account.id"], name=op.f("fk_ticket_handler_id")),
        sa.ForeignKeyConstraint(["prefer_id"], ["account.id"], name=op.f("fk_ticket_prefer_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["account.id"], name=op.f("fk_ticket_requester_id")),
        sa.ForeignKeyConstraint(["resolved_by_id"], ["account.id"], name=op.f("fk_ticket_resolved_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_ticket_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_ticket_conversation_id")),
        sa.UniqueConstraint("requester_id", "client_id", name=op.f("uq_ticket_requester_id_client_id")),
    )
    op.create_index("ix_ticket_custody_desk_id_state", "ticket", ["custody_desk_id", "state"], unique=False)
    op.create_index(
        "ix_ticket_handler_id", "ticket", ["handler_id"], unique=False, postgresql_where=sa.text("state = 'talking'")
    )
    op.create_index("ix_ticket_requester_id_asked_at", "ticket", ["requester_id", "asked_at"], unique=False)
    op.create_index("ix_ticket_unit_id", "ticket", ["unit_id"], unique=False)
    op.create_index(
        "ix_ticket_waiting",
        "ticket",
        ["custody_desk_id", "asked_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "custody",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.Uuid(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "asked",
                "accepted",
                "passed_up",
                "returned",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_open", sa.Boolean(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("ticket_id"), "="),
            (sa.text("tstzrange(since, until)"), "&&"),
            using="gist",
            name="ex_custody_no_overlap",
        ),
        sa.CheckConstraint("(until IS NULL) = (is_open IS TRUE)", name=op.f("ck_custody_open_has_no_end")),
        sa.CheckConstraint("is_open IS NOT FALSE", name=op.f("ck_custody_open_or_null")),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_custody_ends_after_start")),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_custody_desk_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_custody_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody")),
        sa.UniqueConstraint("ticket_id", "desk_id", "is_open", name="uq_custody_open_desk"),
    )
    op.create_index("ix_custody_desk_id", "custody", ["desk_id"], unique=False)
    op.create_index("uq_custody_open", "custody", ["ticket_id"], unique=True, postgresql_where=sa.text("is_open"))
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ringing",
                "accepted",
                "declined",
                "rang_out",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'ringing') = (ended_at IS NULL)", name=op.f("ck_offer_ended_when_not_ringing")),
        sa.CheckConstraint("ends_at > created_at", name=op.f("ck_offer_rings_for_a_while")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_offer_account_id")),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_offer_desk_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_offer_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    op.create_index("ix_offer_desk_id", "offer", ["desk_id"], unique=False)
    op.create_index(
        "ix_offer_ringing_ends_at", "offer", ["ends_at"], unique=False, postgresql_where=sa.text("state = 'ringing'")
    )
    op.create_index("ix_offer_ticket_id", "offer", ["ticket_id"], unique=False)
    op.create_index(
        "uq_offer_ringing_account", "offer", ["account_id"], unique=True, postgresql_where=sa.text("state = 'ringing'")
    )
    op.create_index(
        "uq_offer_ringing_ticket", "offer", ["ticket_id"], unique=True, postgresql_where=sa.text("state = 'ringing'")
    )
    op.create_table(
        "problem_record",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("tried", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.String(length=300), server_default="", nullable=False),
        sa.Column("happened", sa.Text(), server_default="", nullable=False),
        sa.Column("since", sa.String(length=100), server_default="", nullable=False),
        sa.Column("pupils", sa.Integer(), nullable=True),
        sa.Column(
            "urgency",
            sa.Enum("low", "normal", "high", name="urgency", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reach", sa.String(length=200), server_default="", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("pupils IS NULL OR pupils >= 0", name=op.f("ck_problem_record_pupils_counted")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_problem_record_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_problem_record")),
    )
    op.create_table(
        "ticket_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "asked",
                "recorded",
                "rang",
                "declined",
                "rang_out",
                "withdrawn",
                "level_passed",
                "record_opened",
                "record_submitted",
                "waits",
                "accepted",
                "taken",
                "passed_up",
                "returned",
                "resolved",
                "confirmed",
                "reopened",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("desk_id", sa.Uuid(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_ticket_step_numbered_from_one")),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_ticket_step_actor_id")),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_ticket_step_desk_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_step_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_step")),
        sa.UniqueConstraint("ticket_id", "number", name=op.f("uq_ticket_step_ticket_id_number")),
    )
    # After both tables: each refers to the other. Checked at commit, when both rows have changed.
    op.create_foreign_key(
        "fk_ticket_custody",
        "ticket",
        "custody",
        ["id", "custody_desk_id", "custody_open"],
        ["ticket_id", "desk_id", "is_open"],
        deferrable=True,
        initially="DEFERRED",
    )
    op.execute(STEPS_STAY)


def downgrade() -> None:
    """Undo."""
    op.drop_constraint("fk_ticket_custody", "ticket")
    op.drop_table("ticket_step")
    op.drop_table("problem_record")
    op.drop_table("offer")
    op.drop_table("custody")
    op.drop_table("ticket")
    op.drop_table("desk_member")
    op.drop_table("desk_hours")
    op.drop_table("participant")
    op.drop_table("message")
    op.drop_table("duty")
    op.drop_table("desk")
    op.drop_table("conversation")
    op.execute("DROP FUNCTION refuse_change")
