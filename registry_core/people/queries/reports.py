"""Reads about reported administrators."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.policies import SEE_PEOPLE
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.errors import NotFound
from registry_core.orgs.models import OrgUnit, lineage
from registry_core.people.models import AdministratorReport, ReportState
from registry_core.people.policies import REPORT_ADMINISTRATOR, may_bind

MOST_SHOWN = 200
MOST_WAITING = 20
"""What waits for somebody is counted up to here; the list behind it shows the rest."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report with its unit and the name of who made it."""

    report: AdministratorReport
    unit: OrgUnit
    reporter: str


def list_reports(session: Session, actor: Actor, *, state: ReportState) -> list[ReportRow]:
    """List the reports of one state for the units within the actor's reach, the longest waiting first."""
    latest = AdministratorReport.decided_at.desc().nulls_first()
    rows = session.execute(
        select(AdministratorReport, OrgUnit, Account.name)
        .join(OrgUnit, OrgUnit.id == AdministratorReport.unit_id)
        .join(Account, Account.id == AdministratorReport.reported_by_id)
        .where(AdministratorReport.state == state, visible_units(actor, REPORT_ADMINISTRATOR).clause(OrgUnit.path))
        .order_by(latest, AdministratorReport.reported_at)
        .limit(MOST_SHOWN)
    )
    return [ReportRow(report, unit, name) for report, unit, name in rows]


def list_waiting_for(session: Session, actor: Actor) -> list[ReportRow]:
    """List the reports that wait for the actor: those of whom nobody nearer decides."""
    rows = [row for row in list_reports(session, actor, state=ReportState.OPEN) if may_bind(actor, row.unit)]
    nearest = frozenset({Role.SUPER_ADMINISTRATOR})
    return [row for row in rows[:MOST_WAITING] if actor.account_id in list_nearest(session, row.unit, nearest)]


def get_report(session: Session, actor: Actor, report_id: UUID, *, for_update: bool = False) -> ReportRow:
    """Load a report for a unit within the actor's reach.

    Raises NotFound.
    """
    query = (
        select(AdministratorReport, OrgUnit, Account.name)
        .join(OrgUnit, OrgUnit.id == AdministratorReport.unit_id)
        .join(Account, Account.id == AdministratorReport.reported_by_id)
        .where(AdministratorReport.id == report_id, visible_units(actor, REPORT_ADMINISTRATOR).clause(OrgUnit.path))
    )
    if for_update:
        query = query.with_for_update(of=AdministratorReport).execution_options(populate_existing=True)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return ReportRow(*row)


def has_open_report(session: Session, unit_id: UUID, mobile: str) -> bool:
    """Say whether somebody with this number waits for the level above already."""
    found = session.scalar(
        select(AdministratorReport.id).where(
            AdministratorReport.unit_id == unit_id,
            AdministratorReport.mobile == mobile,
            AdministratorReport.state == ReportState.OPEN,
        )
    )
    return found is not None


def list_candidates(session: Session, actor: Actor, report: AdministratorReport) -> list[Account]:
    """List the accounts that may be the reported person's: with that mobile or e-mail, or that name within reach."""
    namesake = (
        select(RoleAssignment.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(
            RoleAssignment.account_id == Account.id,
            held_at(clock.now()),
            visible_units(actor, SEE_PEOPLE).clause(OrgUnit.path),
            Account.name == report.name,
        )
        .exists()
    )
    return list(
        session.scalars(
            select(Account)
            .where(
                Account.closed_at.is_(None),
                Account.is_guest.is_(False),
                or_(
                    Account.mobile == report.mobile,
                    func.lower(Account.email) == report.email.lower(),
                    namesake,
                ),
            )
            .order_by(Account.name, Account.id)
            .limit(20)
        )
    )


def has_administrator(session: Session, unit_id: UUID) -> bool:
    """Say whether anybody is super administrator of a unit now."""
    found = session.scalar(
        select(RoleAssignment.id)
        .join(Account, Account.id == RoleAssignment.account_id)
        .where(
            RoleAssignment.unit_id == unit_id,
            RoleAssignment.role == Role.SUPER_ADMINISTRATOR,
            Account.closed_at.is_(None),
            held_at(clock.now()),
        )
        .limit(1)
    )
    return found is not None


def list_nearest(
    session: Session, unit: OrgUnit, roles: frozenset[Role], *, at: tuple[str, ...] | None = None
) -> list[UUID]:
    """List who holds one of the roles at the nearest unit that has anybody: above the unit, or at the paths given."""
    way = lineage(unit.path)[:-1] if at is None else at
    rows = session.execute(
        select(OrgUnit.path, RoleAssignment.account_id)
        .join(RoleAssignment, RoleAssignment.unit_id == OrgUnit.id)
        .join(Account, Account.id == RoleAssignment.account_id)
        .where(
            OrgUnit.path.in_(way),
            RoleAssignment.role.in_(roles),
            Account.closed_at.is_(None),
            held_at(clock.now()),
        )
        .order_by(func.length(OrgUnit.path).desc(), RoleAssignment.account_id)
    ).all()
    return sorted({row.account_id for row in rows if row.path == rows[0].path})
