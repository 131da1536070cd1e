"""Let a step say that a question was released from an answerer whose role had ended."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SEARCHING = ("rang", "declined", "rang_out", "withdrawn", "level_passed", "record_opened", "record_submitted", "waits")
ANSWERING = ("accepted", "taken", "passed_up", "returned")
ENDING = ("resolved", "confirmed", "reopened")


def upgrade() -> None:
    """Apply."""
    _allow("asked", "recorded", *SEARCHING, *ANSWERING, "released", *ENDING)


def downgrade() -> None:
    """Undo; refused where a step of the new kind stands, because steps are never deleted."""
    _allow("asked", "recorded", *SEARCHING, *ANSWERING, *ENDING)


def _allow(*kinds: str) -> None:
    op.drop_constraint(op.f("ck_ticket_step_kind"), "ticket_step", type_="check")
    named = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_ticket_step_kind"), "ticket_step", f"kind IN ({named})")
