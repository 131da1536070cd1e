"""Messages posted in the wrong place: reports, recalls, and incidents on record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# refuse_change() stands in 0002: what went wrong, and whom it had reached, has to be provable.
RECORDS_STAY = """
CREATE TRIGGER incident_stays BEFORE DELETE ON incident FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recall_stays BEFORE UPDATE OR DELETE ON recall FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recall_reach_stays BEFORE UPDATE OR DELETE ON recall_reach
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Apply."""
    create_incident()
    op.add_column("message", sa.Column("recalled_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_message_recalled_is_taken_back"), "message", "recalled_at IS NULL OR taken_back_at IS NOT NULL"
    )
    create_recall()
    create_misplaced_report()
    op.execute(RECORDS_STAY)


def create_incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("misplaced_message", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("open", "handled", "closed", name="state", native_enum=False, create_constraint=True, length=40),
            server_default="open",
            nullable=False,
        ),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("caused_by_id", sa.Uuid(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("handled_by_id", sa.Uuid(), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("measures", sa.Text(), nullable=True),
        sa.Column("closed_by_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conclusion", sa.Text(), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_incident_numbered_from_one")),
        sa.CheckConstraint("reached >= 0", name=op.f("ck_incident_reached_counts")),
        sa.CheckConstraint("(state <> 'open') = (handled_at IS NOT NULL)", name=op.f("ck_incident_handled_has_time")),
        sa.CheckConstraint(
            "(handled_at IS NULL) = (handled_by_id IS NULL) AND (handled_at IS NULL) = (measures IS NULL)",
            name=op.f("ck_incident_handled_whole"),
        ),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_incident_closed_has_time")),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by_id IS NULL) AND (closed_at IS NULL) = (conclusion IS NULL)",
            name=op.f("ck_incident_closed_whole"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_incident_unit_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["account.id"], name=op.f("fk_incident_opened_by_id")),
        sa.ForeignKeyConstraint(["caused_by_id"], ["account.id"], name=op.f("fk_incident_caused_by_id")),
        sa.ForeignKeyConstraint(["handled_by_id"], ["account.id"], name=op.f("fk_incident_handled_by_id")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["account.id"], name=op.f("fk_incident_closed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_incident_year_number")),
    )
    op.create_index("ix_incident_unit_id", "incident", ["unit_id", "opened_at"])


def create_recall() -> None:
    op.create_table(
        "recall",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("has_personal", sa.Boolean(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("has_personal = (incident_id IS NOT NULL)", name=op.f("ck_recall_personal_has_incident")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_recall_message_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_recall_unit_id")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_recall_by_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_recall_incident_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_recall")),
        sa.UniqueConstraint("incident_id", name=op.f("uq_recall_incident_id")),
    )
    op.create_index(op.f("ix_recall_unit_id"), "recall", ["unit_id"])
    op.create_table(
        "recall_reach",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("is_delivered", sa.Boolean(), nullable=False),
        sa.Column("is_read", sa.Boolean(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("has_revealed", sa.Boolean(), nullable=False),
        sa.Column("told_by", postgresql.ARRAY(sa.String(length=20)), nullable=False),
        sa.CheckConstraint("is_delivered OR NOT is_read", name=op.f("ck_recall_reach_read_after_delivered")),
        sa.CheckConstraint("opened >= 0", name=op.f("ck_recall_reach_opened_counts")),
        sa.ForeignKeyConstraint(["message_id"], ["recall.message_id"], name=op.f("fk_recall_reach_message_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recall_reach_account_id")),
        sa.PrimaryKeyConstraint("message_id", "account_id", name=op.f("pk_recall_reach")),
    )


def create_misplaced_report() -> None:
    op.create_table(
        "misplaced_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "recalled", "dismissed", name="state", native_enum=False, create_constraint=True, length=40
            ),
            server_default="open",
            nullable=False,
        ),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at IS NULL)", name=op.f("ck_misplaced_report_decided_has_time")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_misplaced_report_decided_by_somebody")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_misplaced_report_message_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_misplaced_report_unit_id")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_misplaced_report_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_misplaced_report_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_misplaced_report")),
    )
    op.create_index(op.f("ix_misplaced_report_message_id"), "misplaced_report", ["message_id"])
    op.create_index("ix_misplaced_report_unit_id", "misplaced_report", ["unit_id", "at"])
    op.create_index(
        "uq_misplaced_report_open",
        "misplaced_report",
        ["message_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
