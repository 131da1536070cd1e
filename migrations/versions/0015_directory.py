"""Directory."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_constraint("uq_body_unit_id_kind_name", "body", type_="unique")
    is_open = sa.text("closed_on IS NULL")
    op.create_index("uq_body_open", "body", ["unit_id", "kind", "name"], unique=True, postgresql_where=is_open)
    op.create_index("ix_body_unit_id", "body", ["unit_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_body_unit_id", "body")
    op.drop_index("uq_body_open", "body")
    op.create_unique_constraint("uq_body_unit_id_kind_name", "body", ["unit_id", "kind", "name"])
