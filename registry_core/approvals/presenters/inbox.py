"""等我办理 and 我的申请: rows with clocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.approvals.models import Application, ApplicationState, Step
from registry_core.approvals.presenters import words
from registry_core.approvals.presenters.words import ClockView, Names
from registry_core.approvals.queries import applications, inbox
from registry_core.calendars.queries import load_working_days
from registry_core.calendars.working_days import WorkingDays
from registry_core.orgs.queries import today


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One step that waits for the reader."""

    step_id: UUID
    title: str
    about: str
    url: str
    step_name: str
    unit_name: str
    applicant: str
    sent_at: datetime
    clock: ClockView
    is_moved: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that goes into the address."""

    label: str
    url: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class InboxView:
    """The whole page."""

    rows: tuple[InboxRow, ...]
    chips: tuple[Chip, ...]
    waiting: int
    overdue: int


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """One application in a list: what, whose, and where it stands."""

    title: str
    about: str
    url: str
    applied_at: datetime
    state_label: str
    tone: str
    icon: str
    where: str
    unit_name: str
    applicant: str


def view_inbox(session: Session, actor: Actor, *, overdue_only: bool, procedure: str) -> InboxView:
    """Read what waits for somebody, narrowed by the chips."""
    everything = inbox.list_waiting(session, actor)
    shown = (
        inbox.list_waiting(session, actor, overdue_only=overdue_only, procedure=procedure)
        if overdue_only or procedure
        else everything
    )
    waiting, overdue = inbox.count_waiting(session, actor)
    names = words.load_names(session, (one.applicant_id for one, _step in shown), (one.unit_id for one, _step in shown))
    calendar = load_working_days(session)
    rows = tuple(_row(application, step, names, calendar) for application, step in shown)
    procedures = {one.procedure_code: _title(one) for one, _step in everything}
    return InboxView(rows, _chips(procedures, procedure, overdue_only=overdue_only), waiting, overdue)


def list_own_rows(session: Session, actor: Actor) -> tuple[ApplicationRow, ...]:
    """Read what somebody applied for, and where it stands."""
    return _rows(session, applications.list_own(session, actor))


def list_overseen_rows(session: Session, actor: Actor, *, only: str) -> tuple[ApplicationRow, ...]:
    """Read what the units below somebody applied for, and where it stands."""
    return _rows(session, applications.list_overseen(session, actor, only=only))


def list_running_rows(session: Session, actor: Actor, kind: str, subject_id: UUID) -> tuple[ApplicationRow, ...]:
    """Read what is being applied for about a thing, and where it stands."""
    return _rows(session, applications.list_running(session, actor, kind, subject_id))


def list_overseen_chips(only: str) -> tuple[Chip, ...]:
    """Name the filters of what one oversees."""
    labels = {
        "": _("全部"),
        applications.RUNNING: _("办理中"),
        applications.OVERDUE: _("已超期"),
        applications.OVER: _("已办结"),
    }
    return tuple(
        Chip(label, url_for("approvals.list_applications", filter=key or None), key == only)
        for key, label in labels.items()
    )


def _rows(session: Session, listed: Sequence[Application]) -> tuple[ApplicationRow, ...]:
    steps = applications.list_open_steps(session, listed)
    units = [step.unit_id for step in steps.values()] + [one.unit_id for one in listed]
    names = words.load_names(session, (one.applicant_id for one in listed), units)
    return tuple(_application_row(one, steps.get(one.id), names) for one in listed)


def _row(application: Application, step: Step, names: Names, calendar: WorkingDays) -> InboxRow:
    return InboxRow(
        step_id=step.id,
        title=_title(application),
        about=application.subject_label,
        url=url_for("approvals.show_application", application_id=application.id),
        step_name=step_name(application, step),
        unit_name=names.unit(application.unit_id),
        applicant=names.person(application.applicant_id),
        sent_at=step.opened_at,
        clock=words.say_clock(step, calendar, today()),
        is_moved=step.moved_from_id is not None,
    )


def _application_row(application: Application, step: Step | None, names: Names) -> ApplicationRow:
    where = ""
    if step is not None:
        where = _("在%(unit)s：%(step)s", unit=names.unit(step.unit_id), step=step_name(application, step))
    elif application.state is ApplicationState.RETURNED:
        where = _("请补正后重新提交")
    return ApplicationRow(
        title=_title(application),
        about=application.subject_label,
        url=url_for("approvals.show_application", application_id=application.id),
        applied_at=application.applied_at,
        state_label=words.say_state(application.state),
        tone=words.TONES[application.state],
        icon=words.STATE_ICONS[application.state],
        where=where,
        unit_name=names.unit(application.unit_id),
        applicant=names.person(application.applicant_id),
    )


def step_name(application: Application, step: Step) -> str:
    """Name a step as the procedure of its application does."""
    spec = applications.procedure_of(application).steps[step.position]
    return words.in_language(spec.name_zh, spec.name_en)


def _title(application: Application) -> str:
    procedure = applications.procedure_of(application)
    return words.in_language(procedure.name_zh, procedure.name_en)


def _chips(procedures: dict[str, str], chosen: str, *, overdue_only: bool) -> tuple[Chip, ...]:
    everything = Chip(_("全部"), url_for("approvals.inbox"), not chosen and not overdue_only)
    overdue = Chip(_("已超期"), url_for("approvals.inbox", filter="overdue"), overdue_only)
    named = [
        Chip(name, url_for("approvals.inbox", procedure=code), code == chosen)
        for code, name in sorted(procedures.items(), key=lambda item: item[1])
    ]
    return (everything, overdue, *(named if len(named) > 1 or chosen else ()))
