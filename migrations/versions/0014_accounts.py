"""How people get in: reported upward or registered, with one-time passwords handed out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("account", sa.Column("one_time_until", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_account_one_time_password_is_changed"), "account", "one_time_until IS NULL OR must_change_password"
    )
    op.add_column("browser_session", sa.Column("acting_under_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_browser_session_acting_under_id"), "browser_session", "delegation", ["acting_under_id"], ["id"]
    )
    op.add_column("role_assignment", sa.Column("succeeds_id", sa.Uuid(), nullable=True))
    op.create_unique_constraint(op.f("uq_role_assignment_succeeds_id"), "role_assignment", ["succeeds_id"])
    op.create_foreign_key(
        op.f("fk_role_assignment_succeeds_id"), "role_assignment", "role_assignment", ["succeeds_id"], ["id"]
    )
    create_administrator_report()
    create_credential_delivery()
    create_registration()
    create_lent_password()


def create_administrator_report() -> None:
    op.create_table(
        "administrator_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("mobile", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("reported_by_id", sa.Uuid(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        one_of("state", "open", "bound", "refused"),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at IS NULL)", name=op.f("ck_administrator_report_decided_unless_open")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_administrator_report_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "(state = 'bound') = (account_id IS NOT NULL)", name=op.f("ck_administrator_report_bound_to_an_account")
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (reason IS NOT NULL)", name=op.f("ck_administrator_report_refused_with_reason")
        ),
        *to_accounts("administrator_report", "reported_by_id", "decided_by_id", "account_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_administrator_report_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_administrator_report")),
    )
    op.create_index(
        "uq_administrator_report_open",
        "administrator_report",
        ["unit_id", "mobile"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_administrator_report_unit_id_state", "administrator_report", ["unit_id", "state"])


def create_credential_delivery() -> None:
    op.create_table(
        "credential_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        one_of("channel", "email", "sms"),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("caused_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        one_of("state", "waiting", "sent", "delayed", "failed"),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (ended_at IS NULL)", name=op.f("ck_credential_delivery_ended_unless_waiting")
        ),
        sa.CheckConstraint(
            "(state IN ('delayed', 'failed')) = (reason IS NOT NULL)",
            name=op.f("ck_credential_delivery_failed_with_reason"),
        ),
        sa.CheckConstraint(
            "address <> '' OR state = 'failed'", name=op.f("ck_credential_delivery_address_unless_failed")
        ),
        *to_accounts("credential_delivery", "account_id", "caused_by_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_credential_delivery_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential_delivery")),
    )
    op.create_index(
        "uq_credential_delivery_issue_id_channel", "credential_delivery", ["issue_id", "channel"], unique=True
    )
    op.create_index("ix_credential_delivery_account_id_created_at", "credential_delivery", ["account_id", "created_at"])
    op.create_index("ix_credential_delivery_unit_id_created_at", "credential_delivery", ["unit_id", "created_at"])


def create_registration() -> None:
    op.create_table(
        "registration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        one_of("channel", "email", "sms"),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("wish", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        one_of("state", "unconfirmed", "open", "accepted", "refused"),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_registration_tries_counted")),
        sa.CheckConstraint(
            "(state = 'unconfirmed') = (confirmed_at IS NULL)",
            name=op.f("ck_registration_confirmed_unless_unconfirmed"),
        ),
        sa.CheckConstraint(
            "(state IN ('accepted', 'refused')) = (decided_at IS NOT NULL)", name=op.f("ck_registration_decided_once")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_registration_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "(state = 'accepted') = (account_id IS NOT NULL)", name=op.f("ck_registration_accepted_with_account")
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (reason IS NOT NULL)", name=op.f("ck_registration_refused_with_reason")
        ),
        *to_accounts("registration", "decided_by_id", "account_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_registration_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
    )
    op.create_index("ix_registration_unit_id_state", "registration", ["unit_id", "state"])
    op.create_index("ix_registration_address_created_at", "registration", ["address", "created_at"])


def create_lent_password() -> None:
    op.create_table(
        "lent_password",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("lent_to", sa.String(length=60), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("valid_until > registered_at", name=op.f("ck_lent_password_ends_after_start")),
        sa.CheckConstraint("btrim(lent_to) <> '' AND btrim(purpose) <> ''", name=op.f("ck_lent_password_named")),
        sa.CheckConstraint(
            "reported_at IS NULL OR forced_at IS NOT NULL", name=op.f("ck_lent_password_forced_before_reported")
        ),
        *to_accounts("lent_password", "account_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lent_password")),
    )
    op.create_index("ix_lent_password_account_id", "lent_password", ["account_id"])
    op.create_index("ix_lent_password_valid_until", "lent_password", ["valid_until"])


def one_of(name: str, *values: str) -> sa.Column[str]:
    """Make a column that holds one of a few words."""
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(name, kind, nullable=False)


def to_accounts(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    """Point columns to accounts."""
    return [sa.ForeignKeyConstraint([column], ["account.id"], name=op.f(f"fk_{table}_{column}")) for column in columns]


def downgrade() -> None:
    """Undo."""
    op.drop_table("lent_password")
    op.drop_table("registration")
    op.drop_table("credential_delivery")
    op.drop_table("administrator_report")
    op.drop_constraint(op.f("fk_role_assignment_succeeds_id"), "role_assignment")
    op.drop_constraint(op.f("uq_role_assignment_succeeds_id"), "role_assignment")
    op.drop_column("role_assignment", "succeeds_id")
    op.drop_constraint(op.f("fk_browser_session_acting_under_id"), "browser_session")
    op.drop_column("browser_session", "acting_under_id")
    op.drop_constraint("ck_account_one_time_password_is_changed", "account")
    op.drop_column("account", "one_time_until")
