"""What the help desk does later about its own events: word to those who were not there. Each may run twice.

A notice is the mark that something was told: its source is unique, and the mail goes out with a new notice alone.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import Text, cast, func, select, update
from sqlalchemy.orm import Session

from chat.events import MessageRecalled
from chat.models import Participant
from helpdesk import letters
from helpdesk.events import (
    NobodyThere,
    QuestionAnswered,
    TicketPassedUp,
    TicketReopened,
    TicketResolved,
    TicketReturned,
)
from helpdesk.keeper import tell_after
from helpdesk.models import Custody, Desk, StepKind, Ticket, TicketState, TicketStep
from helpdesk.policies import HANDLE
from helpdesk.queries.chains import list_chain
from helpdesk.queries.members import list_member_ids
from helpdesk.services import successions
from registry_core import clock, outbox
from registry_core.access.actors import roles_with
from registry_core.access.events import RoleGiven
from registry_core.access.models import RoleAssignment
from registry_core.accounts.models import Account
from registry_core.approvals.events import StepOverdue
from registry_core.approvals.models import Application, Step
from registry_core.approvals.queries.applications import procedure_of
from registry_core.away.services import claim_mail
from registry_core.mail import Mail, enqueue_mail
from registry_core.notifications.models import Notice
from registry_core.notifications.presenters import NoticeKind
from registry_core.notifications.services import notify
from registry_core.orgs.models import OrgUnit

UNANSWERED = (TicketState.RINGING, TicketState.WAITING)


def tell_asker_of_answer(session: Session, event: QuestionAnswered) -> None:
    """Give the asker word of an answer that has not reached any page of theirs by now."""
    ticket = session.get_one(Ticket, event.ticket_id)
    # Where the written answer has come meanwhile, its own word goes out: two mails in a minute are one too many.
    if ticket.resolved_at is None and not _has_reached(
        session, event.conversation_id, event.requester_id, event.number
    ):
        _tell_asker(session, ticket, NoticeKind.ANSWERED, event.number, letters.write_answered)


def tell_asker_of_resolution(session: Session, event: TicketResolved) -> None:
    """Give the asker word of the written answer unless a page of theirs has it; it gets the same time as an answer."""
    ticket = session.get_one(Ticket, event.ticket_id)
    if ticket.resolved_at is None:
        return
    due = ticket.resolved_at + tell_after()
    if clock.now() < due:
        outbox.record(session, event, at=due)
    elif not _has_reached(session, event.conversation_id, event.requester_id, event.number):
        _tell_asker(session, ticket, NoticeKind.RESOLVED, event.number, letters.write_resolved)


def tell_desk_of_passed_up(session: Session, event: TicketPassedUp) -> None:
    """Put a question from below into the bells of those on duty at the desk above, unless somebody has it already."""
    ticket = session.get_one(Ticket, event.ticket_id)
    custody = _open_custody(session, ticket, event.to_desk_id)
    if custody is None or ticket.state not in UNANSWERED:
        return
    from_desk = session.get_one(Desk, event.from_desk_id)
    for account_id in list_member_ids(session, event.to_desk_id, at=clock.now(), on_duty=True):
        if account_id not in (ticket.requester_id, event.by_id):
            _tell_technician(session, ticket, account_id, NoticeKind.PASSED_UP, custody.id, desk=from_desk.name)


def tell_handler_of_return(session: Session, event: TicketReturned) -> None:
    """Tell the technician who had passed a question up that it came back with advice."""
    ticket = session.get_one(Ticket, event.ticket_id)
    custody = _open_custody(session, ticket, event.to_desk_id)
    if custody is None or event.previous_handler_id is None:
        return
    above = session.get_one(Desk, event.from_desk_id)
    _tell_technician(session, ticket, event.previous_handler_id, NoticeKind.RETURNED, custody.id, desk=above.name)


def tell_resolver_of_reopening(session: Session, event: TicketReopened) -> None:
    """Tell who gave the answer that the asker needs more."""
    if event.resolver_id is None:
        return
    ticket = session.get_one(Ticket, event.ticket_id)
    reopening = session.scalar(
        select(TicketStep.id)
        .where(TicketStep.ticket_id == ticket.id, TicketStep.kind == StepKind.REOPENED)
        .order_by(TicketStep.number.desc())
        .limit(1)
    )
    if reopening is not None:
        _tell_technician(session, ticket, event.resolver_id, NoticeKind.REOPENED, reopening)


def tell_desk_of_waiting(session: Session, event: NobodyThere) -> None:
    """Leave a question that waits in the bells of its desk, for when its members come back."""
    ticket = session.get_one(Ticket, event.ticket_id)
    custody = _open_custody(session, ticket, event.desk_id)
    if custody is None or ticket.state is not TicketState.WAITING:
        return
    desk = session.get_one(Desk, event.desk_id)
    for account_id in list_member_ids(session, event.desk_id, at=clock.now()):
        if account_id != ticket.requester_id:
            _tell_technician(session, ticket, account_id, NoticeKind.WAITING, custody.id, desk=desk.name)


def hand_over_desk(session: Session, event: RoleGiven) -> None:
    """Let a successor sit down at the desk, and on the day give them what waits at who leaves."""
    taken = session.get_one(RoleAssignment, event.assignment_id)
    now = clock.now()
    is_over = taken.valid_until is not None and taken.valid_until <= now
    if taken.succeeds_id is None or is_over or taken.role not in roles_with(HANDLE):
        return
    left = session.get_one(RoleAssignment, taken.succeeds_id)
    successions.sit_down(session, left, taken)
    if now < taken.valid_from:
        outbox.record(session, event, at=taken.valid_from)
    else:
        successions.take_over(session, left, taken)


def tell_desk_of_overdue(session: Session, event: StepOverdue) -> None:
    """Let the desk of the unit whose step is overdue know, else the next one above with somebody at it.

    Whoever decides may need help. What the application is about stays between its parties.
    """
    step = session.get_one(Step, event.step_id)
    if step.is_open is None:
        return
    unit = session.get_one(OrgUnit, step.unit_id)
    procedure = procedure_of(session.get_one(Application, event.application_id))
    details = {
        "name_zh": procedure.name_zh,
        "name_en": procedure.name_en,
        "unit": unit.name,
        "due_on": event.due_on.isoformat(),
    }
    kind = NoticeKind.STEP_OVERDUE_NEARBY
    for desk in list_chain(session, unit.path):
        members = list_member_ids(session, desk.id, at=clock.now()) if desk.switched_on else []
        for account_id in members:
            notify(session, account_id, kind=kind, details=details, url="/console", source=f"{kind.value}:{step.id}")
        if members:
            return


def forget_title(session: Session, event: MessageRecalled) -> None:
    """Let go of a recalled question: its beginning is the title, which also stands in notices."""
    ticket = session.scalar(select(Ticket).where(Ticket.conversation_id == event.conversation_id))
    if ticket is None or event.number != 1:
        return
    with force_locale("zh_Hans"):
        ticket.title = _("（这条提问已召回）")
    paths = (letters.question_path(ticket), f"/console/{ticket.id}")
    session.execute(
        update(Notice)
        .where(Notice.url.in_(paths), Notice.details.has_key("title"))
        .values(details=func.jsonb_set(Notice.details, ["title"], func.to_jsonb(cast(ticket.title, Text))))
        .execution_options(synchronize_session=False)
    )


def _has_reached(session: Session, conversation_id: UUID, account_id: UUID, number: int) -> bool:
    """Say whether a message has been delivered to a page of the account."""
    delivered = session.scalar(
        select(Participant.delivered_up_to).where(
            Participant.conversation_id == conversation_id, Participant.account_id == account_id
        )
    )
    return delivered is not None and delivered >= number


def _tell_asker(
    session: Session, ticket: Ticket, kind: NoticeKind, number: int, write: Callable[[Ticket, Account, str], Mail]
) -> None:
    """Put a line into the asker's bell and, the first time, send the mail to an address that stands in the account."""
    asker = session.get_one(Account, ticket.requester_id)
    if asker.is_guest:
        # A guest has no bell and could not open the address in the mail: the desk calls or writes to them.
        return
    source = f"{kind}:{ticket.id}:{number}"
    is_new = notify(
        session,
        asker.id,
        kind=kind,
        details={"title": ticket.title, "asked_on": clock.local(ticket.asked_at).date().isoformat()},
        url=letters.question_path(ticket),
        source=source,
    )
    if is_new and asker.email and asker.closed_at is None and claim_mail(session, asker.id, source):
        enqueue_mail(session, write(ticket, asker, asker.email))


def _tell_technician(
    session: Session, ticket: Ticket, account_id: UUID, kind: NoticeKind, cause: UUID, **details: str
) -> None:
    """Put a line that leads to the console into a technician's bell."""
    notify(
        session,
        account_id,
        kind=kind,
        details={"title": ticket.title, **details},
        url=f"/console/{ticket.id}",
        source=f"{kind}:{ticket.id}:{cause}",
    )


def _open_custody(session: Session, ticket: Ticket, desk_id: UUID) -> Custody | None:
    """Find the custody that began with an event, None where the question has moved on since."""
    return session.scalar(
        select(Custody).where(Custody.ticket_id == ticket.id, Custody.desk_id == desk_id, Custody.until.is_(None))
    )
