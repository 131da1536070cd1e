"""What clock and calendar do to open steps: overdue ones are told once, days counted anew, stranded ones moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.approvals.events import StepOpened, StepOverdue
from registry_core.approvals.models import Application, ApplicationRound, Step
from registry_core.approvals.queries import applications
from registry_core.approvals.queries.applications import is_overdue
from registry_core.approvals.services import opening
from registry_core.calendars.queries import load_working_days
from registry_core.orgs.queries import today

AT_ONCE = 200


def escalate_overdue(session: Session) -> bool:
    """Tell once of each step whose day is over; says whether there may be more."""
    overdue = session.scalars(
        select(Step)
        .where(is_overdue(today()), Step.escalated_at.is_(None))
        .order_by(Step.due_on, Step.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for step in overdue:
        step.escalate(clock.now())
        if step.due_on is not None:
            outbox.record(session, StepOverdue(step.application_id, step.id, step.unit_id, step.due_on))
    session.flush()
    return len(overdue) == AT_ONCE


def recompute_due_days(session: Session, year: int) -> int:
    """Count the days of open steps anew that touch a year whose calendar has changed; returns how many changed."""
    calendar = load_working_days(session)
    steps = session.scalars(
        select(Step)
        .where(
            Step.is_open.is_(True),
            Step.working_days > 0,
            Step.opened_on <= date(year, 12, 31),
            or_(Step.due_on.is_(None), Step.due_on >= date(year, 1, 1)),
        )
        .with_for_update()
    ).all()
    changed = 0
    for step in steps:
        deadline = calendar.add(step.opened_on, step.working_days)
        changed += deadline.due != step.due_on
        step.be_due(deadline)
    session.flush()
    return changed


def move_stranded(session: Session) -> int:
    """Move the steps that nobody is left to decide, because the only officer has gone; returns how many moved."""
    moved = 0
    for application, step in _list_stranded(session):
        stop = next((one for one in opening.planned(session, application) if one.position == step.position), None)
        if stop is None:
            continue
        parties = applications.list_parties(session, application)
        desk = opening.find_desk(session, stop, parties)
        if (desk.unit_id, desk.role.value, desk.body) != (step.unit_id, step.role, step.body):
            step.move(desk.unit_id, desk.role.value, desk.body, named_id=stop.unit.id)
            session.flush()
            outbox.record(session, StepOpened(application.id, step.id))
            moved += 1
    return moved


def _list_stranded(session: Session) -> Sequence[Row[Application, Step]]:
    """List and lock open steps whose role nobody holds at the unit but those who applied or entered."""
    entered = select(ApplicationRound.number).where(
        ApplicationRound.application_id == Application.id, ApplicationRound.entered_by_id == Account.id
    )
    holders = (
        select(RoleAssignment.id)
        .join(Account, Account.id == RoleAssignment.account_id)
        .where(
            RoleAssignment.unit_id == Step.unit_id,
            RoleAssignment.role == Step.role,
            Account.closed_at.is_(None),
            Account.id.not_in((Application.applicant_id, Application.entered_by_id)),
            held_at(clock.now()),
            ~entered.exists(),
        )
        .correlate(Application, Step)
    )
    return session.execute(
        select(Application, Step)
        .join(Step, Step.application_id == Application.id)
        .where(Step.is_open.is_(True), ~holders.exists())
        .order_by(Application.id)
        .limit(AT_ONCE)
        .with_for_update(of=Application, skip_locked=True)
    ).all()
