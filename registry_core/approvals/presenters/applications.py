"""One application with all that happened to it, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.approvals import services
from registry_core.approvals.effects import Asked, find_effect
from registry_core.approvals.models import Application, ApplicationRound, ApplicationState, Decision, DecisionKind, Step
from registry_core.approvals.policies import is_party, may_withdraw
from registry_core.approvals.presenters import words
from registry_core.approvals.presenters.evidence import EvidenceView, view_evidence
from registry_core.approvals.presenters.inbox import step_name
from registry_core.approvals.presenters.words import ClockView, Names
from registry_core.approvals.queries import applications, inbox
from registry_core.approvals.services import opening
from registry_core.calendars.queries import load_working_days
from registry_core.orgs.models import OrgUnit
from registry_core.orgs.queries import path_names, today

DECISION_ICONS = {
    DecisionKind.APPROVE: "circle-check",
    DecisionKind.RETURN: "arrow-back-up",
    DecisionKind.REJECT: "circle-x",
    DecisionKind.WITHDRAW: "lock",
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened."""

    at: datetime
    icon: str
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The step that is open: who decides it, until when, and why it is they."""

    step_id: UUID
    step_name: str
    unit_name: str
    role_name: str
    clock: ClockView
    moved: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """A step that is still to come."""

    step_name: str
    unit_name: str
    role_name: str


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """The whole page."""

    id: UUID
    title: str
    about: str
    state_label: str
    tone: str
    icon: str
    unit_path: str
    applicant: str
    entered_by: str
    pack_code: str
    clause: str
    content: tuple[tuple[str, str], ...]
    evidence: EvidenceView
    asked: tuple[Asked, ...]
    waiting: Waiting | None
    ahead: tuple[Ahead, ...]
    history: tuple[HistoryLine, ...]
    may_decide: bool
    may_withdraw: bool
    may_resubmit: bool
    is_own: bool


def view_application(session: Session, actor: Actor, application: Application) -> ApplicationView:
    """Read an application with its whole history."""
    procedure = applications.procedure_of(application)
    rounds = applications.list_rounds(session, application)
    steps = applications.list_steps(session, application)
    decisions = applications.list_decisions(session, application)
    names = _load_names(session, application, rounds, steps, decisions)
    step = applications.find_open_step(session, application)
    is_own = is_party(actor, applications.list_parties(session, application))
    may_decide = step is not None and inbox.may_decide(session, actor, step)
    effect = find_effect(application.procedure_code)
    is_running = application.state in {ApplicationState.OPEN, ApplicationState.RETURNED}
    return ApplicationView(
        id=application.id,
        title=words.in_language(procedure.name_zh, procedure.name_en),
        about=application.subject_label,
        state_label=words.say_state(application.state),
        tone=words.TONES[application.state],
        icon=words.STATE_ICONS[application.state],
        unit_path=path_names(session, session.get_one(OrgUnit, application.unit_id)),
        applicant=names.person(application.applicant_id),
        entered_by=names.person(application.entered_by_id),
        pack_code=application.pack_code,
        clause=application.clause,
        content=tuple(effect.tell(session, application, rounds[-1].facts)) if effect else (),
        evidence=view_evidence(session, application, procedure),
        asked=tuple(services.list_asked(session, application, step)) if step and may_decide else (),
        waiting=_waiting(session, application, step, names) if step else None,
        ahead=_ahead(session, application, step),
        history=_history(application, names, rounds, steps, decisions),
        may_decide=may_decide,
        may_withdraw=is_own and is_running and may_withdraw(application, step, procedure),
        may_resubmit=is_own and application.state is ApplicationState.RETURNED,
        is_own=is_own,
    )


def _waiting(session: Session, application: Application, step: Step, names: Names) -> Waiting:
    return Waiting(
        step_id=step.id,
        step_name=step_name(application, step),
        unit_name=names.unit(step.unit_id),
        role_name=words.role_name(step.role),
        clock=words.say_clock(step, load_working_days(session), today()),
        moved=words.say_moved(step, names),
    )


def _ahead(session: Session, application: Application, step: Step | None) -> tuple[Ahead, ...]:
    if step is None:
        return ()
    return tuple(
        Ahead(
            words.in_language(stop.step.name_zh, stop.step.name_en),
            stop.unit.name,
            words.role_name(stop.step.role.value),
        )
        for stop in opening.planned(session, application)
        if stop.position > step.position
    )


def _history(
    application: Application,
    names: Names,
    rounds: Sequence[ApplicationRound],
    steps: Sequence[Step],
    decisions: Sequence[Decision],
) -> tuple[HistoryLine, ...]:
    """Put what was sent, decided and reached into one line of time, the latest first.

    What happened at one instant stays in the order in which one led to the other.
    """
    of_step = {one.step_id: one for one in decisions}
    lines = []
    for sent in rounds:
        lines.append(_sent(application, sent, names))
        for step in (step for step in steps if step.round == sent.number):
            lines += _reached(application, step, names)
            if step.id in of_step:
                lines.append(_decided(application, of_step[step.id], step, names))
    lines += [_decided(application, one, None, names) for one in decisions if one.step_id is None]
    lines.sort(key=lambda line: line.at)
    return tuple(reversed(lines))


def _sent(application: Application, one: ApplicationRound, names: Names) -> HistoryLine:
    person = words.say_person(names, one.entered_by_id, one.on_behalf_of_id)
    acts = [step for step in applications.procedure_of(application).steps if step.by == "applicant"]
    if one.number > 1:
        text = _("%(person)s 补正后重新提交", person=person)
    elif acts:
        done = _("、").join(words.in_language(step.name_zh, step.name_en) for step in acts)
        text = _("%(person)s 提交了申请（%(step)s）", person=person, step=done)
    else:
        text = _("%(person)s 提交了申请", person=person)
    return HistoryLine(one.at, "send", text, one.note)


def _reached(application: Application, step: Step, names: Names) -> list[HistoryLine]:
    who = {"unit": names.unit(step.unit_id), "role": words.role_name(step.role)}
    text = _("轮到%(unit)s的%(role)s：%(step)s", **who, step=step_name(application, step))
    lines = [HistoryLine(step.opened_at, "hourglass", text, words.say_moved(step, names))]
    if step.escalated_at is not None:
        told = _("超过期限，已提醒主管领导：%(step)s", step=step_name(application, step))
        lines.append(HistoryLine(step.escalated_at, "alert-triangle", told))
    return lines


def _decided(application: Application, decision: Decision, step: Step | None, names: Names) -> HistoryLine:
    person = words.say_person(names, decision.by_id, decision.on_behalf_of_id)
    text = words.say_decision(decision.kind, person, step_name(application, step) if step else "")
    return HistoryLine(decision.at, DECISION_ICONS[decision.kind], text, decision.reason)


def _load_names(
    session: Session,
    application: Application,
    rounds: Sequence[ApplicationRound],
    steps: Sequence[Step],
    decisions: Sequence[Decision],
) -> Names:
    people = [application.applicant_id, application.entered_by_id]
    people += [one.entered_by_id for one in rounds] + [one.by_id for one in decisions]
    lenders = [one.on_behalf_of_id for one in rounds] + [one.on_behalf_of_id for one in decisions]
    units = [one for step in steps for one in (step.unit_id, step.moved_from_id)]
    return words.load_names(session, [*people, *lenders], units)
