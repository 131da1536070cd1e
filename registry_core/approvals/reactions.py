"""Word to those who are to act, or have waited for it. Each may run twice: a notice has a source, and comes once."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from registry_core.access.models import Role
from registry_core.approvals.events import ApplicationDecided, ApplicationReturned, StepOpened, StepOverdue
from registry_core.approvals.models import Application, ApplicationState, Step
from registry_core.approvals.queries import applications, deciders
from registry_core.approvals.services import clocks
from registry_core.calendars.events import CalendarChanged
from registry_core.notifications.presenters import NoticeKind
from registry_core.notifications.services import notify
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import OrgUnit

OUTCOMES = {
    ApplicationState.APPROVED: NoticeKind.APPLICATION_APPROVED,
    ApplicationState.REJECTED: NoticeKind.APPLICATION_REJECTED,
}


def tell_deciders(session: Session, event: StepOpened) -> None:
    """Put a step that waits into the bells of those who decide it; the applicant is not among them."""
    step = session.get_one(Step, event.step_id)
    if step.is_open is None:
        return
    application = session.get_one(Application, event.application_id)
    parties = applications.list_parties(session, application)
    for account_id in deciders.list_deciders(session, step.unit_id, step.role, body=step.body, without=parties):
        _tell(session, application, account_id, NoticeKind.STEP_WAITING, f"{step.id}:{step.unit_id}")


def tell_applicant_of_return(session: Session, event: ApplicationReturned) -> None:
    """Tell the applicant that something has to be corrected."""
    application = session.get_one(Application, event.application_id)
    if application.state is ApplicationState.RETURNED:
        _tell(session, application, application.applicant_id, NoticeKind.APPLICATION_RETURNED, str(event.step_id))


def tell_applicant_of_decision(session: Session, event: ApplicationDecided) -> None:
    """Tell the applicant how it ended; who withdrew knows."""
    application = session.get_one(Application, event.application_id)
    kind = OUTCOMES.get(application.state)
    if kind is not None:
        _tell(session, application, application.applicant_id, kind, str(application.id))


def tell_leader_of_overdue(session: Session, event: StepOverdue) -> None:
    """Tell the registry leader of the deciding unit, or of the nearest unit above that has one."""
    step = session.get_one(Step, event.step_id)
    if step.is_open is None:
        return
    application = session.get_one(Application, event.application_id)
    unit = session.get_one(OrgUnit, step.unit_id)
    for above in reversed(orgs.list_ancestors(session, unit)):
        leaders = deciders.list_deciders(session, above.id, Role.REGISTRY_LEADER)
        for account_id in leaders:
            _tell(session, application, account_id, NoticeKind.STEP_OVERDUE, str(step.id))
        if leaders:
            return


def count_days_anew(session: Session, event: CalendarChanged) -> None:
    """Compute the days of open steps anew when the calendar has changed."""
    clocks.recompute_due_days(session, event.year)


def _tell(session: Session, application: Application, account_id: UUID, kind: NoticeKind, cause: str) -> None:
    procedure = applications.procedure_of(application)
    details = {"name_zh": procedure.name_zh, "name_en": procedure.name_en, "about": application.subject_label}
    notify(
        session,
        account_id,
        kind=kind,
        details=details,
        url=f"/approvals/{application.id}",
        source=f"{kind}:{cause}",
    )
