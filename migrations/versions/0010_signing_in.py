"""Signing in: attempts, known devices, second factors, resets, dormancy, guests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    alter_account()
    alter_browser_session()
    create_known_device()
    create_pending_sign_in()
    create_sign_in_attempt()
    create_former_password()
    create_second_factor()
    create_recovery_code()
    create_password_reset()
    alter_questions()


def alter_account() -> None:
    op.drop_constraint("ck_account_failed_attempts_counted", "account")
    op.drop_column("account", "failed_attempts")
    op.drop_column("account", "locked_until")
    op.add_column("account", sa.Column("must_change_password", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("account", sa.Column("last_signed_in_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("dormancy_checked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("dormancy_told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("is_guest", sa.Boolean(), server_default="false", nullable=False))
    op.create_check_constraint(
        op.f("ck_account_guest_never_signs_in"), "account", "NOT is_guest OR last_signed_in_at IS NULL"
    )


def alter_browser_session() -> None:
    op.add_column("browser_session", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("browser_session", sa.Column("address", sa.String(length=45), server_default="", nullable=False))


def create_known_device() -> None:
    op.create_table(
        "known_device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_known_device_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_device")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_known_device_token_hash")),
    )
    op.create_index("ix_known_device_account_id", "known_device", ["account_id"])


def create_pending_sign_in() -> None:
    op.create_table(
        "pending_sign_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("factor_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_pending_sign_in_expires_after_start")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pending_sign_in_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_pending_sign_in_token_hash")),
    )
    op.create_index("ix_pending_sign_in_account_id", "pending_sign_in", ["account_id"])


def create_sign_in_attempt() -> None:
    outcomes = ("signed_in", "wrong_password", "wrong_code", "paused", "sealed")
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_key", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("browser", sa.String(length=300), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(*outcomes, name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_attempt_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index("ix_sign_in_attempt_name_key_at", "sign_in_attempt", ["name_key", "at"])
    op.create_index("ix_sign_in_attempt_account_id_at", "sign_in_attempt", ["account_id", "at"])
    op.create_index("ix_sign_in_attempt_at", "sign_in_attempt", ["at"])


def create_former_password() -> None:
    op.create_table(
        "former_password",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_former_password_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_password")),
    )
    op.create_index("ix_former_password_account_id", "former_password", ["account_id"])


def create_second_factor() -> None:
    op.create_table(
        "second_factor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("counter", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_second_factor_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
        sa.UniqueConstraint("account_id", "kind", name=op.f("uq_second_factor_account_id_kind")),
    )


def create_recovery_code() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("account_id", "code_hash", name=op.f("uq_recovery_code_account_id_code_hash")),
    )


def create_password_reset() -> None:
    channels = ("email", "sms", "letter")
    op.create_table(
        "password_reset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(*channels, name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("drops_factor", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("given_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_password_reset_tries_counted")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_password_reset_expires_after_start")),
        sa.CheckConstraint(
            "(channel = 'letter') = (given_by_id IS NOT NULL)", name=op.f("ck_password_reset_letter_has_giver")
        ),
        sa.CheckConstraint(
            "channel = 'letter' OR NOT drops_factor", name=op.f("ck_password_reset_only_letters_drop_factors")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_password_reset_account_id")),
        sa.ForeignKeyConstraint(["given_by_id"], ["account.id"], name=op.f("fk_password_reset_given_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
    )
    op.create_index("ix_password_reset_account_id_created_at", "password_reset", ["account_id", "created_at"])
    op.create_index(
        "uq_password_reset_open_letter",
        "password_reset",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("channel = 'letter' AND ended_at IS NULL"),
    )


KINDS = (
    "asked",
    "recorded",
    "rang",
    "declined",
    "rang_out",
    "withdrawn",
    "level_passed",
    "record_opened",
    "record_submitted",
    "waits",
    "accepted",
    "taken",
    "passed_up",
    "returned",
    "released",
    "resolved",
    "confirmed",
    "reopened",
)


def alter_questions() -> None:
    """Questions at the door, and the step of checking who asks."""
    allow("ticket", "channel", ("live", "phone", "email", "door"))
    allow("ticket_step", "kind", (*KINDS[:2], "identity_checked", *KINDS[2:]))


def allow(table: str, column: str, values: tuple[str, ...]) -> None:
    name = op.f(f"ck_{table}_{column}")
    op.drop_constraint(name, table)
    listed = ", ".join(f"'{value}'" for value in values)
    op.create_check_constraint(name, table, f"{column} IN ({listed})")


def downgrade() -> None:
    """Undo, where nobody has asked at the door yet. Guests stay as accounts that nobody can sign in to."""
    allow("ticket", "channel", ("live", "phone", "email"))
    allow("ticket_step", "kind", KINDS)
    for table in (
        "password_reset",
        "recovery_code",
        "second_factor",
        "former_password",
        "sign_in_attempt",
        "pending_sign_in",
        "known_device",
    ):
        op.drop_table(table)
    op.drop_column("browser_session", "address")
    op.drop_column("browser_session", "confirmed_at")
    op.drop_constraint("ck_account_guest_never_signs_in", "account")
    for column in (
        "is_guest",
        "sealed_at",
        "dormancy_told_at",
        "dormancy_checked_at",
        "last_signed_in_at",
        "must_change_password",
    ):
        op.drop_column("account", column)
    op.add_column("account", sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("failed_attempts", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_account_failed_attempts_counted"), "account", "failed_attempts >= 0")
