"""Lay the engine of applications, steps and decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# refuse_change() stands in 0002.
RECORDS_STAY = """
CREATE TRIGGER decision_stays BEFORE UPDATE OR DELETE ON decision FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER application_round_stays BEFORE UPDATE OR DELETE ON application_round
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procedure_code", sa.String(length=60), nullable=False),
        sa.Column("procedure", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("pack_code", sa.String(length=60), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_label", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("sides", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("applicant_id", sa.Uuid(), nullable=False),
        sa.Column("entered_by_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "returned",
                "approved",
                "rejected",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_open", sa.Boolean(), nullable=True),
        sa.Column("open_step_id", sa.Uuid(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NOT NULL) = (state IN ('approved', 'rejected', 'withdrawn'))",
            name=op.f("ck_application_closed_has_time"),
        ),
        sa.CheckConstraint("(is_open IS TRUE) = (state = 'open')", name=op.f("ck_application_open_is_marked")),
        sa.CheckConstraint("(open_step_id IS NOT NULL) = (state = 'open')", name=op.f("ck_application_open_has_step")),
        sa.CheckConstraint("is_open IS NOT FALSE", name=op.f("ck_application_open_or_null")),
        sa.CheckConstraint("round >= 1", name=op.f("ck_application_rounds_from_one")),
        sa.ForeignKeyConstraint(["applicant_id"], ["account.id"], name=op.f("fk_application_applicant_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["account.id"], name=op.f("fk_application_entered_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_application_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint(
            "id", "applicant_id", "entered_by_id", name=op.f("uq_application_id_applicant_id_entered_by_id")
        ),
        sa.UniqueConstraint("id", "is_open", name=op.f("uq_application_id_is_open")),
    )
    op.create_index(
        "ix_application_applicant_id_applied_at", "application", ["applicant_id", "applied_at"], unique=False
    )
    op.create_index("ix_application_entered_by_id", "application", ["entered_by_id"], unique=False)
    op.create_index(
        "ix_application_subject_kind_subject_id", "application", ["subject_kind", "subject_id"], unique=False
    )
    op.create_index("ix_application_unit_id", "application", ["unit_id"], unique=False)
    op.create_index(
        "uq_application_running",
        "application",
        ["procedure_code", "subject_kind", "subject_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('open', 'returned')"),
    )
    op.create_table(
        "application_round",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_by_id", sa.Uuid(), nullable=False),
        sa.Column("on_behalf_of_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_application_round_numbered_from_one")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_round_application_id")
        ),
        sa.ForeignKeyConstraint(["entered_by_id"], ["account.id"], name=op.f("fk_application_round_entered_by_id")),
        sa.ForeignKeyConstraint(["on_behalf_of_id"], ["account.id"], name=op.f("fk_application_round_on_behalf_of_id")),
        sa.PrimaryKeyConstraint("application_id", "number", name=op.f("pk_application_round")),
    )
    op.create_table(
        "step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("body", sa.String(length=40), nullable=True),
        sa.Column("moved_from_id", sa.Uuid(), nullable=True),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("is_due_provisional", sa.Boolean(), nullable=False),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "approved",
                "returned",
                "rejected",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_open", sa.Boolean(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (state = 'open')", name=op.f("ck_step_decided_has_time")),
        sa.CheckConstraint("(is_open IS TRUE) = (state = 'open')", name=op.f("ck_step_open_is_marked")),
        sa.CheckConstraint(
            "(working_days = 0 AND due_on IS NULL AND NOT is_due_provisional)"
            " OR (working_days > 0 AND (due_on IS NULL) = is_due_provisional)",
            name=op.f("ck_step_due_fits_limit"),
        ),
        sa.CheckConstraint("decided_at >= opened_at", name=op.f("ck_step_decided_after_opened")),
        sa.CheckConstraint("due_on > opened_on", name=op.f("ck_step_due_after_opened")),
        sa.CheckConstraint("is_open IS NOT FALSE", name=op.f("ck_step_open_or_null")),
        sa.CheckConstraint("moved_from_id <> unit_id", name=op.f("ck_step_moved_elsewhere")),
        sa.CheckConstraint("position >= 0 AND round >= 1", name=op.f("ck_step_placed")),
        sa.ForeignKeyConstraint(
            ["application_id", "is_open"],
            ["application.id", "application.is_open"],
            name="fk_step_open_application",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_step_application_id")),
        sa.ForeignKeyConstraint(["moved_from_id"], ["org_unit.id"], name=op.f("fk_step_moved_from_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_step_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint("application_id", "id", "is_open", name=op.f("uq_step_application_id_id_is_open")),
        sa.UniqueConstraint("application_id", "id", name=op.f("uq_step_application_id_id")),
        sa.UniqueConstraint("application_id", "round", "position", name=op.f("uq_step_application_id_round_position")),
    )
    op.create_index("ix_step_open_due_on", "step", ["due_on"], unique=False, postgresql_where=sa.text("is_open"))
    op.create_index("ix_step_unit_id_role", "step", ["unit_id", "role"], unique=False)
    op.create_index("uq_step_open", "step", ["application_id"], unique=True, postgresql_where=sa.text("is_open"))
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("applicant_id", sa.Uuid(), nullable=False),
        sa.Column("entered_by_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "approve",
                "return",
                "reject",
                "withdraw",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("on_behalf_of_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind = 'withdraw' OR (by_id NOT IN (applicant_id, entered_by_id)"
            " AND (on_behalf_of_id IS NULL OR on_behalf_of_id NOT IN (applicant_id, entered_by_id)))",
            name=op.f("ck_decision_not_by_applicant"),
        ),
        sa.CheckConstraint("kind = 'withdraw' OR step_id IS NOT NULL", name=op.f("ck_decision_about_a_step")),
        sa.CheckConstraint(
            "kind NOT IN ('return', 'reject') OR btrim(reason) <> ''", name=op.f("ck_decision_refusal_has_reason")
        ),
        sa.CheckConstraint("on_behalf_of_id <> by_id", name=op.f("ck_decision_on_behalf_of_another")),
        sa.ForeignKeyConstraint(
            ["application_id", "applicant_id", "entered_by_id"],
            ["application.id", "application.applicant_id", "application.entered_by_id"],
            name="fk_decision_application",
        ),
        sa.ForeignKeyConstraint(
            ["application_id", "step_id"], ["step.application_id", "step.id"], name="fk_decision_step"
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_decision_by_id")),
        sa.ForeignKeyConstraint(["on_behalf_of_id"], ["account.id"], name=op.f("fk_decision_on_behalf_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("step_id", name=op.f("uq_decision_step_id")),
    )
    op.create_index("ix_decision_application_id", "decision", ["application_id"], unique=False)
    op.create_index("ix_decision_by_id", "decision", ["by_id"], unique=False)
    op.create_index(
        "uq_decision_final",
        "decision",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("kind IN ('reject', 'withdraw')"),
    )
    # After both tables: each refers to the other. Checked at commit, when both rows have changed.
    op.create_foreign_key(
        "fk_application_open_step",
        "application",
        "step",
        ["id", "open_step_id", "is_open"],
        ["application_id", "id", "is_open"],
        deferrable=True,
        initially="DEFERRED",
    )
    op.execute(RECORDS_STAY)


def downgrade() -> None:
    """Undo."""
    op.drop_constraint("fk_application_open_step", "application")
    op.drop_table("decision")
    op.drop_table("step")
    op.drop_table("application_round")
    op.drop_table("application")
