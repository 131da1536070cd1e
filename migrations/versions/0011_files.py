"""Lay the files: on their way in, what they hold, and who brought them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "file_content",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "unscanned",
                "quarantined",
                "clean",
                "infected",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("finding", sa.String(length=200), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("has_thumbnail", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("size > 0", name=op.f("ck_file_content_not_empty")),
        sa.CheckConstraint(
            "(state IN ('clean', 'infected')) = (scanned_at IS NOT NULL)", name=op.f("ck_file_content_scanned_has_time")
        ),
        sa.CheckConstraint(
            "(state = 'infected') = (finding IS NOT NULL)", name=op.f("ck_file_content_infected_has_finding")
        ),
        sa.CheckConstraint("(width IS NULL) = (height IS NULL)", name=op.f("ck_file_content_picture_has_both_sides")),
        sa.CheckConstraint(
            "width IS NOT NULL OR NOT has_thumbnail", name=op.f("ck_file_content_only_pictures_have_thumbnails")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_content")),
        sa.UniqueConstraint("sha256", name=op.f("uq_file_content_sha256")),
    )
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("use", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "attached_at IS NULL OR attached_at >= created_at", name=op.f("ck_stored_file_attached_after_brought")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_stored_file_account_id")),
        sa.ForeignKeyConstraint(["content_id"], ["file_content.id"], name=op.f("fk_stored_file_content_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
    )
    op.create_index("ix_stored_file_content_id", "stored_file", ["content_id"], unique=False)
    op.create_index(
        "ix_stored_file_loose",
        "stored_file",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("attached_at IS NULL"),
    )
    op.create_table(
        "file_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("use", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("received", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size > 0 AND received BETWEEN 0 AND size", name=op.f("ck_file_upload_received_up_to_size")),
        sa.CheckConstraint("file_id IS NULL OR received = size", name=op.f("ck_file_upload_whole_before_it_is_a_file")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_file_upload_account_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_file_upload_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_upload")),
    )
    op.create_index("ix_file_upload_account_id", "file_upload", ["account_id"], unique=False)
    op.create_index("ix_file_upload_file_id", "file_upload", ["file_id"], unique=False)
    op.create_index("ix_file_upload_touched_at", "file_upload", ["touched_at"], unique=False)
    op.create_table(
        "file_part",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint("size > 0 AND place >= 0", name=op.f("ck_file_part_holds_something")),
        sa.ForeignKeyConstraint(["upload_id"], ["file_upload.id"], name=op.f("fk_file_part_upload_id")),
        sa.PrimaryKeyConstraint("upload_id", "place", name=op.f("pk_file_part")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("file_part")
    op.drop_table("file_upload")
    op.drop_table("stored_file")
    op.drop_table("file_content")
