"""All roles, qualifications, lent roles; whoever loses or gains a right is announced."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROLES = (
    *("super_administrator", "registry_administrator", "ordinary_user", "registry_leader", "system_administrator"),
    *("read_only_user", "centre_school_administrator", "school_user", "grade_administrator", "class_administrator"),
    *("leading_group_member", "student", "technician", "desk_lead", "trainer", "examiner", "marker"),
    *("announcement_author", "announcement_reviewer", "report_owner", "report_signer", "report_sealer"),
    *("finance_reader", "teacher", "parent"),
)
OLD_ROLES = ("registrar", "technician", "desk_lead", "super_administrator")
KINDS = ("answering", "registry")
LEVELS = ("ministry", "province", "city", "county", "school")
ASSIGNMENT = sa.table("role_assignment", sa.column("role"))
TICKET = sa.table("ticket", sa.column("role"))

# One channel for all that decides what somebody may do at this moment; the web processes listen.
ANNOUNCE = """
CREATE FUNCTION announce_rights() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('rights_changed', COALESCE(NEW.account_id, OLD.account_id)::text);
    RETURN NULL;
END $$
"""
TRIGGERS = {
    "role_assignment": "AFTER INSERT OR DELETE OR UPDATE ON role_assignment FOR EACH ROW",
    "qualification": "AFTER INSERT OR DELETE OR UPDATE ON qualification FOR EACH ROW",
    "browser_session": (
        "AFTER UPDATE OF ended_at ON browser_session FOR EACH ROW WHEN (OLD.ended_at IS DISTINCT FROM NEW.ended_at)"
    ),
}


def upgrade() -> None:
    """Apply."""
    _replace_roles(ROLES, {"registrar": "registry_administrator"})
    op.add_column("role_assignment", sa.Column("narrowed_to", sa.String(40)))
    op.add_column("role_assignment", sa.Column("granted_by_id", sa.Uuid()))
    op.add_column("role_assignment", sa.Column("ended_by_id", sa.Uuid()))
    op.add_column("role_assignment", sa.Column("end_reason", sa.String(200)))
    op.create_check_constraint("narrowed_to_something", "role_assignment", "narrowed_to <> ''")
    for column in ("granted_by_id", "ended_by_id"):
        op.create_foreign_key(f"fk_role_assignment_{column}", "role_assignment", "account", [column], ["id"])
    _index_open(["account_id", "unit_id", "role", sa.text("coalesce(narrowed_to, '')")])
    _create_qualification()
    _create_delegation()
    op.execute(ANNOUNCE)
    for table, when in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {table}_announces_rights {when} EXECUTE FUNCTION announce_rights()")


def downgrade() -> None:
    """Undo."""
    for table in TRIGGERS:
        op.execute(f"DROP TRIGGER {table}_announces_rights ON {table}")
    op.execute("DROP FUNCTION announce_rights()")
    op.drop_table("delegation")
    op.drop_table("qualification")
    _index_open(["account_id", "unit_id", "role"])
    for column in ("end_reason", "ended_by_id", "granted_by_id", "narrowed_to"):
        op.drop_column("role_assignment", column)
    _replace_roles(OLD_ROLES, {"registry_administrator": "registrar"})


def _replace_roles(roles: tuple[str, ...], renamed: dict[str, str]) -> None:
    op.drop_constraint("role", "role_assignment", type_="check")
    for table in (ASSIGNMENT, TICKET):
        for old, new in renamed.items():
            op.execute(table.update().where(table.c.role == old).values(role=new))
    # What the older house does not know cannot be kept by it.
    op.execute(ASSIGNMENT.delete().where(ASSIGNMENT.c.role.not_in(roles)))
    names = ", ".join(f"'{role}'" for role in roles)
    op.create_check_constraint("role", "role_assignment", f"role IN ({names})")


def _index_open(columns: list[object]) -> None:
    op.drop_index("uq_role_assignment_open", "role_assignment")
    op.create_index(
        "uq_role_assignment_open",
        "role_assignment",
        columns,  # type: ignore[arg-type]  # an expression among the names
        unique=True,
        postgresql_where=sa.text("valid_until IS NULL"),
    )


def _create_qualification() -> None:
    op.create_table(
        "qualification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _enum(KINDS, "qualification_kind"), nullable=False),
        sa.Column("level", _enum(LEVELS, "level")),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("certificate_id", sa.Uuid()),
        sa.Column("reason", sa.String(200)),
        sa.Column("granted_by_id", sa.Uuid()),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("revoke_reason", sa.String(200)),
        sa.CheckConstraint("valid_until > valid_from", name="ends_after_start"),
        sa.CheckConstraint("(certificate_id IS NULL) = (reason IS NOT NULL)", name="certificate_or_reason"),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoke_reason IS NULL)", name="revoked_with_reason"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_qualification_account_id"),
        sa.ForeignKeyConstraint(["granted_by_id"], ["account.id"], name="fk_qualification_granted_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_qualification"),
    )
    op.create_index("ix_qualification_account_id_kind", "qualification", ["account_id", "kind"])


def _create_delegation() -> None:
    people = ("lender_id", "borrower_id", "consented_by_id")
    op.create_table(
        "delegation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("borrower_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consented_by_id", sa.Uuid()),
        sa.Column("consented_at", sa.DateTime(timezone=True)),
        sa.Column("refused_at", sa.DateTime(timezone=True)),
        sa.Column("refuse_reason", sa.String(200)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("valid_until > valid_from", name="ends_after_start"),
        sa.CheckConstraint("borrower_id <> lender_id", name="lent_to_another"),
        sa.CheckConstraint("consented_by_id NOT IN (lender_id, borrower_id)", name="consent_of_a_third"),
        sa.CheckConstraint("(consented_at IS NULL) = (consented_by_id IS NULL)", name="consented_by_somebody"),
        sa.CheckConstraint("consented_at IS NULL OR refused_at IS NULL", name="consented_or_refused"),
        sa.CheckConstraint("btrim(purpose) <> ''", name="purpose_not_blank"),
        sa.ForeignKeyConstraint(["assignment_id"], ["role_assignment.id"], name="fk_delegation_assignment_id"),
        *(sa.ForeignKeyConstraint([one], ["account.id"], name=f"fk_delegation_{one}") for one in people),
        sa.PrimaryKeyConstraint("id", name="pk_delegation"),
    )
    op.create_index("ix_delegation_borrower_id", "delegation", ["borrower_id"])
    op.create_index("ix_delegation_assignment_id", "delegation", ["assignment_id"])


def _enum(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
