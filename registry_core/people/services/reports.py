"""Administrators reported upward, bound to an account by the level above, or refused.

Source: operation rules (file 003 annex 2), art. 18 (1).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.access.actors import Actor, require, visible_units
from registry_core.access.models import Role
from registry_core.access.services import Post, give_role
from registry_core.accounts.models import Account
from registry_core.accounts.services.accounts import open_account
from registry_core.audit.services import note
from registry_core.audit.values import Subject
from registry_core.errors import Forbidden, NotFound
from registry_core.orgs.models import Level, OrgUnit
from registry_core.orgs.queries import open_clause, today
from registry_core.people import policies
from registry_core.people.errors import (
    AlreadyReported,
    HasAdministrator,
    NoLevelAbove,
    NotACandidate,
    ReportNotOpen,
)
from registry_core.people.events import AdministratorReported, ReportDecided
from registry_core.people.models import AdministratorReport, ReportState
from registry_core.people.queries import reports as queries
from registry_core.people.queries.names import propose_user_name
from registry_core.people.queries.reports import ReportRow
from registry_core.people.services.credentials import awaits_first_password, issue_credentials


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as a form describes them."""

    name: str
    mobile: str
    email: str


def report_administrator(session: Session, actor: Actor, unit_id: UUID, *, person: Person) -> AdministratorReport:
    """Tell the level above who is to be super administrator of a unit; for a unit without any, one above reports it.

    Raises Forbidden, NotFound, NoLevelAbove, HasAdministrator, AlreadyReported.
    """
    require(actor, policies.REPORT_ADMINISTRATOR)
    unit = _reach(session, actor, unit_id)
    if unit.level is Level.MINISTRY:
        raise NoLevelAbove
    if unit.id not in actor.units(policies.REPORT_ADMINISTRATOR) and queries.has_administrator(session, unit.id):
        raise HasAdministrator
    if queries.has_open_report(session, unit.id, person.mobile):
        raise AlreadyReported
    report = AdministratorReport(
        unit_id=unit.id,
        name=person.name,
        mobile=person.mobile,
        email=person.email,
        reported_by_id=actor.account_id,
        reported_at=clock.now(),
        state=ReportState.OPEN,
    )
    session.add(report)
    session.flush()
    note(session, actor, "people.administrator.reported", about=_subject(report, unit))
    outbox.record(session, AdministratorReported(report.id))
    return report


def bind_administrator(
    session: Session, actor: Actor, report_id: UUID, *, account_id: UUID | None, user_name: str
) -> AdministratorReport:
    """Bind a reported person to one of their accounts, or to a new one, and let them be super administrator there.

    Without a user name a free one is found for the new account. Who has no password of their own yet is sent both.
    Raises NotFound, Forbidden, ReportNotOpen, NotACandidate, UserNameTaken, and what `give_role` raises.
    """
    row = _open_report(session, actor, report_id)
    account = _choose(session, actor, row.report, account_id) or _open(session, row.report, user_name)
    give_role(session, actor, account.id, Post(row.unit.id, Role.SUPER_ADMINISTRATOR))
    if awaits_first_password(account):
        issue_credentials(session, actor, account, unit_id=row.unit.id)
    row.report.bind(account.id, by=actor.account_id, at=clock.now())
    session.flush()
    note(session, actor, "people.administrator.bound", about=_subject(row.report, row.unit))
    outbox.record(session, ReportDecided(row.report.id))
    return row.report


def refuse_report(session: Session, actor: Actor, report_id: UUID, *, reason: str) -> AdministratorReport:
    """Refuse a reported person; who reported it reads the reason.

    Raises NotFound, Forbidden, ReportNotOpen.
    """
    row = _open_report(session, actor, report_id)
    row.report.refuse(reason, by=actor.account_id, at=clock.now())
    session.flush()
    note(session, actor, "people.administrator.refused", about=_subject(row.report, row.unit))
    outbox.record(session, ReportDecided(row.report.id))
    return row.report


def withdraw_report(session: Session, actor: Actor, report_id: UUID) -> AdministratorReport:
    """Take back what one has reported oneself while nobody has decided, so that it can be reported anew.

    Raises NotFound, Forbidden, ReportNotOpen.
    """
    row = queries.get_report(session, actor, report_id, for_update=True)
    if row.report.reported_by_id != actor.account_id:
        raise Forbidden
    if row.report.state is not ReportState.OPEN:
        raise ReportNotOpen
    row.report.withdraw(at=clock.now())
    session.flush()
    note(session, actor, "people.administrator.withdrawn", about=_subject(row.report, row.unit))
    return row.report


def _reach(session: Session, actor: Actor, unit_id: UUID) -> OrgUnit:
    # Locked: two reports of the same person at the same moment come one after the other.
    scope = visible_units(actor, policies.REPORT_ADMINISTRATOR)
    unit = session.scalar(
        select(OrgUnit)
        .where(OrgUnit.id == unit_id, scope.clause(OrgUnit.path), open_clause(today()))
        .with_for_update(key_share=True)
    )
    if unit is None:
        raise NotFound
    return unit


def _open_report(session: Session, actor: Actor, report_id: UUID) -> ReportRow:
    row = queries.get_report(session, actor, report_id, for_update=True)
    if not policies.may_bind(actor, row.unit):
        raise Forbidden
    if row.report.state is not ReportState.OPEN:
        raise ReportNotOpen
    return row


def _choose(session: Session, actor: Actor, report: AdministratorReport, account_id: UUID | None) -> Account | None:
    if account_id is None:
        return None
    for account in queries.list_candidates(session, actor, report):
        if account.id == account_id:
            return account
    raise NotACandidate


def _open(session: Session, report: AdministratorReport, user_name: str) -> Account:
    name, mobile, email = report.name, report.mobile, report.email
    free = user_name or propose_user_name(session, name=name, mobile=mobile, email=email)
    return open_account(session, user_name=free, name=name, email=email, mobile=mobile)


def _subject(report: AdministratorReport, unit: OrgUnit) -> Subject:
    return Subject("administrator_report", report.id, unit.id, unit.name)
