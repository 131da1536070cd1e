"""Word for who is away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index(
        op.f("ix_notice_unread_created_at"), "notice", ["created_at"], postgresql_where=sa.text("read_at IS NULL")
    )
    create_away_choice()
    create_push_subscription()
    create_lookout()
    create_told_word()


def create_away_choice() -> None:
    op.create_table(
        "away_choice",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("switched_off", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("silence_minutes", sa.SmallInteger(), nullable=True),
        sa.Column("digest_hour", sa.SmallInteger(), nullable=True),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("is_quiet_on_days_off", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(silence_minutes, digest_hour) = 1", name=op.f("ck_away_choice_silence_or_hour")
        ),
        sa.CheckConstraint("silence_minutes IN (15, 60, 240)", name=op.f("ck_away_choice_known_silence")),
        sa.CheckConstraint("digest_hour BETWEEN 0 AND 23", name=op.f("ck_away_choice_hour_of_a_day")),
        sa.CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL) AND quiet_from <> quiet_until",
            name=op.f("ck_away_choice_quiet_is_whole"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_away_choice_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_away_choice")),
    )


def create_push_subscription() -> None:
    op.create_table(
        "push_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("browser_session_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint", sa.String(length=1000), nullable=False),
        sa.Column("p256dh", sa.String(length=100), nullable=False),
        sa.Column("auth", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_push_subscription_account_id")),
        sa.ForeignKeyConstraint(
            ["browser_session_id"], ["browser_session.id"], name=op.f("fk_push_subscription_browser_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("browser_session_id", name=op.f("uq_push_subscription_browser_session_id")),
        sa.UniqueConstraint("endpoint", name=op.f("uq_push_subscription_endpoint")),
    )
    op.create_index(op.f("ix_push_subscription_account_id"), "push_subscription", ["account_id"])


def create_lookout() -> None:
    op.create_table(
        "lookout",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_lookout_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_lookout")),
    )
    op.create_index(op.f("ix_lookout_look_at"), "lookout", ["look_at"])
    op.create_table(
        "news_mark",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_news_mark_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news_mark")),
    )


def create_told_word() -> None:
    op.create_table(
        "told_word",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "way",
            sa.Enum("push", "mail", "sms", name="way", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("thing", sa.String(length=120), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_told_word_account_id")),
        sa.PrimaryKeyConstraint("account_id", "way", "thing", name=op.f("pk_told_word")),
    )
    op.create_index(op.f("ix_told_word_told_at"), "told_word", ["told_at"])
