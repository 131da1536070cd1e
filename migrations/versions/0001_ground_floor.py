"""Lay the ground floor: the tree, accounts, roles, notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PINYIN_KEY = (
    "CREATE FUNCTION pinyin_key(name text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
    " AS $$ SELECT pg_catalog.convert_to($1, 'GB18030') $$"
)


def upgrade() -> None:
    """Apply."""
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(PINYIN_KEY)
    op.execute("CREATE SEQUENCE org_unit_number_seq")
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_name", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("mobile", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("locale", sa.String(length=10), server_default="zh_Hans", nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_demonstration", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("failed_attempts >= 0", name=op.f("ck_account_failed_attempts_counted")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index("uq_account_user_name", "account", [sa.literal_column("lower(user_name)")], unique=True)
    op.create_table(
        "org_unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column(
            "parent_level",
            sa.Enum(
                "ministry",
                "province",
                "city",
                "county",
                "school",
                name="parent_level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "parent_path",
            sa.Text(collation="C"),
            sa.Computed("left(path, -length(number::text) - 1)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "level",
            sa.Enum(
                "ministry",
                "province",
                "city",
                "county",
                "school",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "authority",
                "zone",
                "statistical",
                "grouping",
                "school",
                "teaching_point",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_sort", sa.LargeBinary(), sa.Computed("pinyin_key(name)", persisted=True), nullable=False),
        sa.Column("path", sa.Text(collation="C"), nullable=False),
        sa.Column("managed_by_id", sa.Uuid(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "((level = 'ministry' AND parent_level IS NULL) OR "
            "(level = 'province' AND parent_level = 'ministry') OR "
            "(level = 'city' AND parent_level = 'province') OR "
            "(level = 'county' AND parent_level IN ('province', 'city')) OR "
            "(kind = 'school' AND parent_level IN ('ministry', 'province', 'city', 'county')) OR "
            "(kind = 'teaching_point' AND parent_level = 'school')) IS TRUE",
            name=op.f("ck_org_unit_parent_fits_level"),
        ),
        sa.CheckConstraint(
            "(level = 'school') = (kind IN ('school', 'teaching_point'))", name=op.f("ck_org_unit_kind_fits_level")
        ),
        sa.CheckConstraint(
            "(parent_id IS NULL) = (parent_level IS NULL) AND (parent_id IS NULL) = (parent_path = '/')",
            name=op.f("ck_org_unit_parent_is_whole"),
        ),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_org_unit_name_not_blank")),
        sa.CheckConstraint(
            "managed_by_id IS NULL OR (kind = 'school' AND managed_by_id <> id)",
            name=op.f("ck_org_unit_school_managed"),
        ),
        sa.CheckConstraint("path = parent_path || number::text || '/'", name=op.f("ck_org_unit_path_ends_in_number")),
        sa.CheckConstraint("closed_on >= opened_on", name=op.f("ck_org_unit_closed_after_opened")),
        sa.ForeignKeyConstraint(["managed_by_id"], ["org_unit.id"], name=op.f("fk_org_unit_managed_by_id")),
        sa.ForeignKeyConstraint(
            ["parent_id", "parent_level", "parent_path"],
            ["org_unit.id", "org_unit.level", "org_unit.path"],
            name="fk_org_unit_parent",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_unit")),
        sa.UniqueConstraint("id", "level", "path", name=op.f("uq_org_unit_id_level_path")),
        sa.UniqueConstraint("number", name=op.f("uq_org_unit_number")),
        sa.UniqueConstraint("path", name=op.f("uq_org_unit_path")),
    )
    op.create_index(
        "ix_org_unit_level", "org_unit", ["level"], unique=False, postgresql_where=sa.text("level <> 'school'")
    )
    op.create_index(
        "ix_org_unit_managed_by_id",
        "org_unit",
        ["managed_by_id"],
        unique=False,
        postgresql_where=sa.text("managed_by_id IS NOT NULL"),
    )
    op.create_index(
        "ix_org_unit_name_characters",
        "org_unit",
        [sa.literal_column("string_to_array(lower(name), NULL::text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index("ix_org_unit_parent_id_name_sort", "org_unit", ["parent_id", "name_sort"], unique=False)
    op.create_index(
        "uq_org_unit_ministry", "org_unit", ["level"], unique=True, postgresql_where=sa.text("level = 'ministry'")
    )
    op.create_table(
        "body",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "information_centre",
                "service_centre",
                "admissions_office",
                "finance_bureau",
                "code_planning_office",
                "examination_authority",
                "leading_group",
                "working_group",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host_name", sa.Text(), nullable=True),
        sa.Column("contact_name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_body_name_not_blank")),
        sa.CheckConstraint("closed_on >= opened_on", name=op.f("ck_body_closed_after_opened")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_body_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body")),
        sa.UniqueConstraint("unit_id", "kind", "name", name=op.f("uq_body_unit_id_kind_name")),
    )
    op.create_table(
        "browser_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("browser", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "ended_at IS NULL OR ended_at >= created_at", name=op.f("ck_browser_session_ends_after_start")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_browser_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_browser_session_token_hash")),
    )
    op.create_index("ix_browser_session_account_id", "browser_session", ["account_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_notice_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_account_id_created_at", "notice", ["account_id", "created_at"], unique=False)
    op.create_index(
        "ix_notice_unread", "notice", ["account_id"], unique=False, postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_index("uq_notice_account_id_source", "notice", ["account_id", "source"], unique=True)
    op.create_table(
        "org_unit_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "scheme",
            sa.Enum("gbt2260", "school_code", name="scheme", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("code"), "="),
            (sa.column("scheme"), "="),
            (sa.text("daterange(valid_from, valid_until)"), "&&"),
            using="gist",
            name="ex_org_unit_code_code",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("unit_id"), "="),
            (sa.column("scheme"), "="),
            (sa.text("daterange(valid_from, valid_until)"), "&&"),
            using="gist",
            name="ex_org_unit_code_unit_id",
        ),
        sa.CheckConstraint(
            "(scheme = 'gbt2260' AND code ~ '^[0-9]{6}$') OR (scheme = 'school_code' AND code ~ '^[0-9]{10}$')",
            name=op.f("ck_org_unit_code_code_fits_scheme"),
        ),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("ck_org_unit_code_ends_after_start")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_org_unit_code_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_unit_code")),
    )
    op.create_table(
        "body_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column(
            "seat",
            sa.Enum(
                "leader",
                "deputy",
                "member",
                "office",
                name="seat",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.CheckConstraint("left_on >= joined_on", name=op.f("ck_body_member_left_after_joined")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_body_member_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body_member")),
    )
    op.create_index("ix_body_member_body_id", "body_member", ["body_id"], unique=False)
    op.create_table(
        "role_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "registrar",
                "technician",
                "desk_lead",
                "super_administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > valid_from", name=op.f("ck_role_assignment_ends_after_start")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_role_assignment_account_id")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_role_assignment_body_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_role_assignment_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_assignment")),
    )
    op.create_index("ix_role_assignment_unit_id_role", "role_assignment", ["unit_id", "role"], unique=False)
    op.create_index(
        "uq_role_assignment_open",
        "role_assignment",
        ["account_id", "unit_id", "role"],
        unique=True,
        postgresql_where=sa.text("valid_until IS NULL"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("role_assignment")
    op.drop_table("body_member")
    op.drop_table("org_unit_code")
    op.drop_table("notice")
    op.drop_table("browser_session")
    op.drop_table("body")
    op.drop_table("org_unit")
    op.drop_table("account")
    op.execute("DROP SEQUENCE org_unit_number_seq")
    op.execute("DROP FUNCTION pinyin_key")
