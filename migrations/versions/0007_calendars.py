"""Lay the calendar of working days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("off", "work", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_calendar_day_name_not_blank")),
        sa.CheckConstraint(
            "kind = 'off' OR extract(isodow FROM day) >= 6", name=op.f("ck_calendar_day_exchange_at_weekend")
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("calendar_day")
