"""Lay the audit trail, and let nobody change it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# refuse_change() stands in 0002. Whoever owns the tables can still switch triggers off: the hashes tell.
ENTRIES_STAY = """
CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entry_is_kept BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_head_is_kept BEFORE TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_head_only_grows BEFORE UPDATE ON audit_head
    FOR EACH ROW WHEN (NEW.chain <> OLD.chain OR NEW.length <= OLD.length) EXECUTE FUNCTION refuse_change();
"""

# Where the house runs under a role of its own and the tables belong to another (docs/operations.md), that role can
# append and move the heads, and nothing else; triggers cannot be switched off by who is not the owner.
RIGHTS = """
REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry FROM PUBLIC;
REVOKE DELETE, TRUNCATE ON audit_head FROM PUBLIC;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'desk_house') THEN
        REVOKE ALL ON audit_entry, audit_head FROM desk_house;
        GRANT SELECT, INSERT ON audit_entry TO desk_house;
        GRANT SELECT, INSERT, UPDATE ON audit_head TO desk_house;
    END IF;
END $$;
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit_entry",
        sa.Column("chain", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=80), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=300), nullable=False),
        sa.Column("browser_session_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=100), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_audit_entry_numbered_from_one")),
        sa.CheckConstraint(
            "octet_length(hash) = 32 AND octet_length(previous_hash) = 32", name=op.f("ck_audit_entry_hashes_whole")
        ),
        sa.PrimaryKeyConstraint("chain", "number", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at", "chain", "number"], unique=False)
    op.create_index("ix_audit_entry_account_id", "audit_entry", ["account_id", "at"], unique=False)
    op.create_index("ix_audit_entry_object", "audit_entry", ["kind", "object_id", "at"], unique=False)
    op.create_index("ix_audit_entry_unit_id", "audit_entry", ["unit_id", "at"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length >= 0", name=op.f("ck_audit_head_counts_up")),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_head")),
    )
    op.execute(ENTRIES_STAY)
    op.execute(RIGHTS)


def downgrade() -> None:
    """Undo; the entries are lost, so this is for installations without any."""
    op.drop_table("audit_head")
    op.drop_table("audit_entry")
