"""What follows while people get in: passwords sent, administrators told. Each may run twice.

A notice is the mark that something was told; a delivery whose password was drawn is not drawn again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.events import RoleGiven
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.queries import load_actor
from registry_core.accounts.queries import get_account
from registry_core.files.events import VirusFound
from registry_core.files.models import StoredFile
from registry_core.mail import Mail, enqueue_mail
from registry_core.notifications.presenters import NoticeKind
from registry_core.notifications.services import notify
from registry_core.orgs.models import OrgUnit
from registry_core.people import letters
from registry_core.people.events import (
    AccountsAsked,
    AdministratorReported,
    CredentialsIssued,
    LentPasswordKept,
    LoanAsked,
    LoanDecided,
    PasswordLent,
    RegistrationConfirmed,
    RegistrationRefused,
    RegistrationRequested,
    ReportDecided,
)
from registry_core.people.models import AdministratorReport, Channel, LentPassword, Registration, ReportState
from registry_core.people.policies import ONE_TIME_LIFE
from registry_core.people.queries.loans import LoanRow, get_loan, list_consenters, list_keepers
from registry_core.people.queries.registrations import list_deciders
from registry_core.people.queries.reports import list_nearest
from registry_core.people.services import batches
from registry_core.people.services.credentials import draw_credentials
from registry_core.people.services.registrations import draw_code
from registry_core.sms import Sms, enqueue_sms

SUPER = frozenset({Role.SUPER_ADMINISTRATOR})


def send_credentials(session: Session, event: CredentialsIssued) -> None:
    """Draw a one-time password and hand it to mail and short message."""
    drawn = draw_credentials(session, event.issue_id)
    if drawn is None:
        return
    account, password = drawn.account, drawn.password
    for delivery in drawn.deliveries:
        until = (delivery.drawn_at or delivery.created_at) + ONE_TIME_LIFE
        if delivery.channel is Channel.EMAIL:
            mail = letters.write_credentials(account, delivery.address, password, until)
            enqueue_mail(session, replace(mail, key=delivery.id, is_noted=True))
        else:
            text = letters.write_credentials_sms(account, password, until)
            enqueue_sms(session, Sms(delivery.address, text, account.id, key=delivery.id, is_noted=True))


def open_accounts(session: Session, event: AccountsAsked) -> None:
    """Open the accounts of a batch, all or none."""
    batches.open_accounts(session, event.batch_id)


def tell_of_report(session: Session, event: AdministratorReported) -> None:
    """Tell the super administrators of the nearest level above that somebody waits to be bound."""
    report, unit = _load(session, event.report_id)
    for account_id in list_nearest(session, unit, SUPER):
        _notify(session, account_id, NoticeKind.ADMINISTRATOR_REPORTED, report, unit)


def tell_of_decision(session: Session, event: ReportDecided) -> None:
    """Tell who reported what came of it, and the person that an account of theirs was bound."""
    report, unit = _load(session, event.report_id)
    is_bound = report.state is ReportState.BOUND
    kind = NoticeKind.REPORT_BOUND if is_bound else NoticeKind.REPORT_REFUSED
    _notify(session, report.reported_by_id, kind, report, unit)
    if report.account_id is not None:
        _notify(session, report.account_id, NoticeKind.ADMINISTRATOR_BOUND, report, unit)


def report_appointment(session: Session, event: RoleGiven) -> None:
    """Report a registry administrator who was appointed to the super administrators of the nearest level above.

    Source: operation rules (file 003 annex 2), art. 18 (2).
    """
    given = session.get_one(RoleAssignment, event.assignment_id)
    if given.role is not Role.REGISTRY_ADMINISTRATOR:
        return
    unit = session.get_one(OrgUnit, given.unit_id)
    kind = NoticeKind.REGISTRY_ADMINISTRATOR_APPOINTED
    for account_id in list_nearest(session, unit, SUPER):
        notify(
            session,
            account_id,
            kind=kind,
            details={"unit": unit.name, "name": get_account(session, given.account_id).name},
            url=f"/people/{given.account_id}",
            source=f"{kind.value}:{given.id}",
        )


def send_registration_code(session: Session, event: RegistrationRequested) -> None:
    """Draw the code that confirms an address, and send it there."""
    drawn = draw_code(session, event.registration_id)
    if drawn is not None:
        _send(session, letters.write_code(*drawn))


def tell_of_registration(session: Session, event: RegistrationConfirmed) -> None:
    """Tell the unit's administrators that somebody waits; where there are none, the super administrators above."""
    registration = session.get_one(Registration, event.registration_id)
    unit = session.get_one(OrgUnit, registration.unit_id)
    kind = NoticeKind.REGISTRATION_WAITING
    for account_id in list_deciders(session, unit):
        notify(
            session,
            account_id,
            kind=kind,
            details={"unit": unit.name, "name": registration.name},
            url=f"/people/registrations/{registration.id}",
            source=f"{kind.value}:{registration.id}",
        )


def tell_of_refused_registration(session: Session, event: RegistrationRefused) -> None:
    """Send the reason of a refusal to the person, once."""
    registration = session.get_one(Registration, event.registration_id, with_for_update=True)
    if registration.told_at is not None:
        return
    registration.told_at = clock.now()
    _send(session, letters.write_refusal(registration, session.get_one(OrgUnit, registration.unit_id).name))


def tell_of_loan(session: Session, event: LoanAsked) -> None:
    """Tell who may consent that somebody wants to lend a role."""
    row = get_loan(session, event.delegation_id)
    for account_id in list_consenters(session, row):
        _tell_of_loan(session, account_id, NoticeKind.LOAN_ASKED, row)


def tell_of_decided_loan(session: Session, event: LoanDecided) -> None:
    """Tell lender and borrower whether the lending was consented to."""
    row = get_loan(session, event.delegation_id)
    kind = NoticeKind.LOAN_CONSENTED if row.loan.consented_at else NoticeKind.LOAN_REFUSED
    for account_id in (row.loan.lender_id, row.loan.borrower_id):
        _tell_of_loan(session, account_id, kind, row)


def tell_of_lent_password(session: Session, event: PasswordLent) -> None:
    """Tell who watches over passwords that one was lent."""
    _tell_keepers(session, event.lent_password_id, NoticeKind.PASSWORD_LENT)


def tell_of_kept_password(session: Session, event: LentPasswordKept) -> None:
    """Tell them that it was not changed after its use."""
    _tell_keepers(session, event.lent_password_id, NoticeKind.LENT_PASSWORD_KEPT)


def _tell_keepers(session: Session, lent_password_id: UUID, kind: NoticeKind) -> None:
    lent = session.get_one(LentPassword, lent_password_id)
    home = load_actor(session, lent.account_id, at=clock.now()).home
    if home is None:
        return
    unit = session.get_one(OrgUnit, home.unit_id)
    details = {"unit": unit.name, "name": get_account(session, lent.account_id).name, "borrower": lent.lent_to}
    for account_id in list_keepers(session, unit, besides=frozenset({lent.account_id})):
        url, source = f"/people/{lent.account_id}", f"{kind.value}:{lent.id}"
        notify(session, account_id, kind=kind, details=details, url=url, source=source)


def _tell_of_loan(session: Session, account_id: UUID, kind: NoticeKind, row: LoanRow) -> None:
    notify(
        session,
        account_id,
        kind=kind,
        details={"unit": row.unit.name, "name": row.lender, "borrower": row.borrower},
        url="/people/loans",
        source=f"{kind.value}:{row.loan.id}",
    )


def _send(session: Session, letter: Mail | Sms) -> None:
    if isinstance(letter, Mail):
        enqueue_mail(session, letter)
    else:
        enqueue_sms(session, letter)


def tell_successor(session: Session, event: RoleGiven) -> None:
    """Tell a successor from when on the role is theirs, and that they are to be trained."""
    given = session.get_one(RoleAssignment, event.assignment_id)
    if given.succeeds_id is None:
        return
    kind = NoticeKind.ROLE_TAKEN_OVER
    notify(
        session,
        given.account_id,
        kind=kind,
        details={
            "unit": session.get_one(OrgUnit, given.unit_id).name,
            "since": clock.local(given.valid_from).date().isoformat(),
        },
        url="/account/rights",
        source=f"{kind.value}:{given.id}",
    )


def tell_of_infected_file(session: Session, event: VirusFound) -> None:
    """Tell everybody who brought a file with a virus, and who looks after the system at their unit."""
    files = session.scalars(select(StoredFile).where(StoredFile.content_id == event.content_id)).all()
    for file in files:
        actor = load_actor(session, file.account_id, at=clock.now())
        details = {"name": file.name}
        _notify_of_virus(session, file.account_id, NoticeKind.FILE_INFECTED, file, details)
        if actor.home is None:
            continue
        unit = session.get_one(OrgUnit, actor.home.unit_id)
        details |= {"unit": unit.name, "person": get_account(session, file.account_id).name}
        for keeper_id in list_keepers(session, unit, besides=frozenset({file.account_id})):
            _notify_of_virus(session, keeper_id, NoticeKind.FILE_INFECTED_NEARBY, file, details)


def _notify_of_virus(
    session: Session, account_id: UUID, kind: NoticeKind, file: StoredFile, details: Mapping[str, str]
) -> None:
    notify(session, account_id, kind=kind, details=details, url="/notices", source=f"{kind.value}:{file.id}")


def _load(session: Session, report_id: UUID) -> tuple[AdministratorReport, OrgUnit]:
    report = session.get_one(AdministratorReport, report_id)
    return report, session.get_one(OrgUnit, report.unit_id)


def _notify(session: Session, account_id: UUID, kind: NoticeKind, report: AdministratorReport, unit: OrgUnit) -> None:
    notify(
        session,
        account_id,
        kind=kind,
        details={"unit": unit.name, "name": report.name},
        url=f"/people/reports/{report.id}",
        source=f"{kind.value}:{report.id}",
    )
