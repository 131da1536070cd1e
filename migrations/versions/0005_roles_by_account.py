"""Find the roles of an account without reading everybody's."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME = "ix_role_assignment_account_id_unit_id"


def upgrade() -> None:
    """Apply."""
    op.create_index(NAME, "role_assignment", ["account_id", "unit_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_index(NAME, "role_assignment")
