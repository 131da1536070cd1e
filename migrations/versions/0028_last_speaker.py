"""Who spoke last in a conversation: asked at every message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

FILL = """
UPDATE conversation SET last_speaker_id = spoken.sender_id
FROM (
    SELECT DISTINCT ON (conversation_id) conversation_id, sender_id FROM message
    WHERE kind = 'text' ORDER BY conversation_id, number DESC
) AS spoken
WHERE spoken.conversation_id = conversation.id
"""


def upgrade() -> None:
    """Apply."""
    op.add_column("conversation", sa.Column("last_speaker_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_conversation_last_speaker_id"), "conversation", "account", ["last_speaker_id"], ["id"]
    )
    op.execute(FILL)
