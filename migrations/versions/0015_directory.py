"""Directory."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

POSTS = (
    "registry_leader",
    "registry_administrator",
    "technician",
    "operation",
    "security",
    "training",
    "technical_support",
    "monthly_report",
    "hardware",
    "network",
    "operating_system",
    "database",
    "application",
)
CHANGE_KINDS = ("opened", "renamed", "moved", "code_given", "merged", "took_in", "closed")
STAYS = """
CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Apply."""
    op.drop_constraint("uq_body_unit_id_kind_name", "body", type_="unique")
    is_open = sa.text("closed_on IS NULL")
    op.create_index("uq_body_open", "body", ["unit_id", "kind", "name"], unique=True, postgresql_where=is_open)
    op.create_index("ix_body_unit_id", "body", ["unit_id"])
    create_entry()
    create_round()
    create_stamp()
    create_list()
    create_change()


def create_entry() -> None:
    op.create_table(
        "directory_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("post", sa.Enum(*POSTS, name="post", native_enum=False, length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("office", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("duties", sa.String(length=500), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("entered_by_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(f"post IN ({', '.join(map(repr, POSTS))})", name=op.f("ck_directory_entry_post")),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_directory_entry_name_not_blank")),
        sa.CheckConstraint("until >= since", name=op.f("ck_directory_entry_ends_after_start")),
        sa.CheckConstraint(
            "post NOT IN ('hardware', 'network', 'operating_system', 'database', 'application') OR btrim(duties) <> ''",
            name=op.f("ck_directory_entry_operating_post_with_duties"),
        ),
        sa.ForeignKeyConstraint(["entered_by_id"], ["account.id"], name=op.f("fk_directory_entry_entered_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_directory_entry_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_entry")),
    )
    op.create_index(
        "ix_directory_entry_unit_id", "directory_entry", ["unit_id"], postgresql_where=sa.text("until IS NULL")
    )


def create_round() -> None:
    op.create_table(
        "collection_round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.CheckConstraint("btrim(title) <> ''", name=op.f("ck_collection_round_title_not_blank")),
        sa.CheckConstraint("closed_at >= opened_at", name=op.f("ck_collection_round_closed_after_opened")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["account.id"], name=op.f("fk_collection_round_opened_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_collection_round_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_round")),
    )
    under_way = sa.text("closed_at IS NULL")
    op.create_index(
        "uq_collection_round_open", "collection_round", ["unit_id"], unique=True, postgresql_where=under_way
    )


def create_stamp() -> None:
    op.create_table(
        "directory_stamp",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("signed_name", sa.String(length=60), nullable=False),
        sa.Column("stamped_by_id", sa.Uuid(), nullable=False),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.Column("contents", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("btrim(signed_name) <> ''", name=op.f("ck_directory_stamp_signed_name_not_blank")),
        sa.CheckConstraint("gaps >= 0", name=op.f("ck_directory_stamp_gaps_counted")),
        sa.ForeignKeyConstraint(["stamped_by_id"], ["account.id"], name=op.f("fk_directory_stamp_stamped_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_directory_stamp_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_stamp")),
    )
    op.create_index("ix_directory_stamp_unit_id", "directory_stamp", ["unit_id", "stamped_at"])
    op.execute(STAYS.format(table="directory_stamp"))


def create_list() -> None:
    op.create_table(
        "code_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("rows", postgresql.JSONB(), nullable=False),
        sa.Column("checked_by_id", sa.Uuid(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_by_id", sa.Uuid(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint(
            "(applied_at IS NULL) = (applied_by_id IS NULL)", name=op.f("ck_code_list_applied_by_somebody")
        ),
        sa.CheckConstraint("(applied_at IS NULL) = (outcome IS NULL)", name=op.f("ck_code_list_applied_with_outcome")),
        sa.ForeignKeyConstraint(["applied_by_id"], ["account.id"], name=op.f("fk_code_list_applied_by_id")),
        sa.ForeignKeyConstraint(["checked_by_id"], ["account.id"], name=op.f("fk_code_list_checked_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_code_list_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_list")),
    )
    op.create_index("ix_code_list_unit_id", "code_list", ["unit_id", "checked_at"])


def create_change() -> None:
    op.create_table(
        "unit_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Enum(*CHANGE_KINDS, name="kind", native_enum=False, length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("other_unit_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=True),
        sa.Column("done_by_id", sa.Uuid(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"kind IN ({', '.join(map(repr, CHANGE_KINDS))})", name=op.f("ck_unit_change_kind")),
        sa.CheckConstraint(
            "(kind IN ('merged', 'took_in')) = (other_unit_id IS NOT NULL)",
            name=op.f("ck_unit_change_merged_with_another"),
        ),
        sa.ForeignKeyConstraint(["done_by_id"], ["account.id"], name=op.f("fk_unit_change_done_by_id")),
        sa.ForeignKeyConstraint(["list_id"], ["code_list.id"], name=op.f("fk_unit_change_list_id")),
        sa.ForeignKeyConstraint(["other_unit_id"], ["org_unit.id"], name=op.f("fk_unit_change_other_unit_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_unit_change_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_change")),
    )
    op.create_index("ix_unit_change_unit_id", "unit_change", ["unit_id", "done_at"])
    op.execute(STAYS.format(table="unit_change"))


def downgrade() -> None:
    """Undo."""
    op.drop_table("unit_change")
    op.drop_table("code_list")
    op.drop_table("directory_stamp")
    op.drop_table("collection_round")
    op.drop_table("directory_entry")
    op.drop_index("ix_body_unit_id", "body")
    op.drop_index("uq_body_open", "body")
    op.create_unique_constraint("uq_body_unit_id_kind_name", "body", ["unit_id", "kind", "name"])
