"""Evidence of applications: files by round and name, and what the last decider filled in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Until now a round held bare identifiers, and no page could send one: what is a stored file is taken over.
TAKE_OVER = """
INSERT INTO application_evidence (application_id, round, name, file_id, place)
SELECT sent.application_id, sent.number, named.key, file.id, min(listed.place) - 1
FROM application_round AS sent
CROSS JOIN LATERAL jsonb_each(sent.evidence) AS named
CROSS JOIN LATERAL jsonb_array_elements_text(named.value) WITH ORDINALITY AS listed (file_id, place)
JOIN stored_file AS file ON file.id::text = listed.file_id
GROUP BY sent.application_id, sent.number, named.key, file.id
"""
# refuse_change() stands in 0002.
RECORDS_STAY = """
CREATE TRIGGER application_evidence_stays BEFORE UPDATE OR DELETE ON application_evidence
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "application_evidence",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.CheckConstraint("place >= 0", name=op.f("ck_application_evidence_placed")),
        sa.ForeignKeyConstraint(
            ["application_id", "round"],
            ["application_round.application_id", "application_round.number"],
            name="fk_application_evidence_round",
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_application_evidence_file_id")),
        sa.PrimaryKeyConstraint("application_id", "round", "name", "file_id", name=op.f("pk_application_evidence")),
    )
    op.create_index("ix_application_evidence_file_id", "application_evidence", ["file_id"], unique=False)
    op.execute(TAKE_OVER)
    op.drop_column("application_round", "evidence")
    op.execute(RECORDS_STAY)
    op.add_column(
        "decision",
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
