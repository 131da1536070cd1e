"""Registered computers and addresses of a unit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# refuse_change() stands in 0002: a decision about the limit is a fact, and another one follows it.
DECISIONS_STAY = """
CREATE TRIGGER workplace_switch_stays BEFORE UPDATE OR DELETE ON workplace_switch
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "registered_computer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("room", sa.String(length=60), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=300), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_registered_computer_name_not_blank")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_registered_computer_ended_by_somebody")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_registered_computer_unit_id")),
        sa.ForeignKeyConstraint(
            ["registered_by_id"], ["account.id"], name=op.f("fk_registered_computer_registered_by_id")
        ),
        sa.ForeignKeyConstraint(["ended_by_id"], ["account.id"], name=op.f("fk_registered_computer_ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registered_computer")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_registered_computer_token_hash")),
    )
    op.create_index(
        "ix_registered_computer_unit_id",
        "registered_computer",
        ["unit_id"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "registered_range",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("network", sa.String(length=43), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_registered_range_name_not_blank")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_registered_range_ended_by_somebody")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_registered_range_unit_id")),
        sa.ForeignKeyConstraint(
            ["registered_by_id"], ["account.id"], name=op.f("fk_registered_range_registered_by_id")
        ),
        sa.ForeignKeyConstraint(["ended_by_id"], ["account.id"], name=op.f("fk_registered_range_ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registered_range")),
    )
    op.create_index(
        "uq_registered_range_unit_id_network",
        "registered_range",
        ["unit_id", "network"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "workplace_switch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("lifted_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('on', 'off', 'lifted')", name=op.f("ck_workplace_switch_kind")),
        sa.CheckConstraint(
            "(kind = 'lifted') = (lifted_until IS NOT NULL)", name=op.f("ck_workplace_switch_lifted_until_an_instant")
        ),
        sa.CheckConstraint("lifted_until > made_at", name=op.f("ck_workplace_switch_ends_after_start")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_workplace_switch_unit_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_workplace_switch_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workplace_switch")),
    )
    op.create_index("ix_workplace_switch_unit_id", "workplace_switch", ["unit_id", "made_at"])
    op.execute(DECISIONS_STAY)
