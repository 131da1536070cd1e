"""What deciders do: approve, return, reject, one step or many at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.access.actors import Actor, require
from registry_core.approvals.effects import Approved, Asked, find_effect
from registry_core.approvals.errors import AnswersMissing, NotYourStep, OwnApplication, ReasonMissing, StepGone
from registry_core.approvals.events import ApplicationReturned
from registry_core.approvals.models import Application, ApplicationState, Decision, DecisionKind, Step
from registry_core.approvals.policies import DECIDE, is_party
from registry_core.approvals.queries import applications, inbox
from registry_core.approvals.services import opening
from registry_core.audit import services as audit
from registry_core.audit.values import Change, FieldClass
from registry_core.audit.values import Subject as AuditSubject

NEED_REASON = frozenset({DecisionKind.RETURN, DecisionKind.REJECT})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided, and why; without a reason nothing is sent back or turned down."""

    kind: DecisionKind
    reason: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    """What the last decider filled in for the effect, by name."""


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """How many of the steps were decided, and how many others had dealt with meanwhile."""

    decided: int
    passed_over: int


def decide(session: Session, actor: Actor, step_id: UUID, *, verdict: Verdict) -> Application:
    """Decide a step: the application goes on, back to its applicant, or is over.

    Raises ApplicationNotFound, StepGone, OwnApplication, NotYourStep, ReasonMissing, AnswersMissing, and what the
    effect of the approval refuses.
    """
    require(actor, DECIDE)
    application, step = applications.get_of_step(session, actor, step_id)
    if step.is_open is None:
        raise StepGone(applications.find_decider_name(session, step))
    if is_party(actor, applications.list_parties(session, application)):
        raise OwnApplication
    if not inbox.may_decide(session, actor, step):
        raise NotYourStep
    _carry_out(session, actor, application, step, verdict)
    return application


def decide_many(session: Session, actor: Actor, step_ids: Collection[UUID], *, verdict: Verdict) -> BulkOutcome:
    """Decide many steps alike; those that are no longer one's to decide are left alone and counted.

    Raises ReasonMissing, AnswersMissing, and what the effect of an approval refuses.
    """
    require(actor, DECIDE)
    held = inbox.hold_waiting(session, actor, step_ids)
    for application, step in held:
        _carry_out(session, actor, application, step, verdict)
    return BulkOutcome(len(held), len(set(step_ids)) - len(held))


def record_decision(
    session: Session, actor: Actor, application: Application, step: Step | None, verdict: Verdict
) -> Decision:
    """Write down what was decided, by whom and on whose behalf."""
    now = clock.now()
    if step is not None:
        step.decide(verdict.kind, now)
        session.flush()
    decision = Decision(
        application_id=application.id,
        applicant_id=application.applicant_id,
        entered_by_id=application.entered_by_id,
        step_id=None if step is None else step.id,
        kind=verdict.kind,
        reason=verdict.reason,
        answers=dict(verdict.answers),
        by_id=actor.account_id,
        on_behalf_of_id=actor.on_behalf_of,
        at=now,
    )
    session.add(decision)
    session.flush()
    put_down(session, actor, "approvals.step.decided", application, verdict.kind)
    return decision


def put_down(
    session: Session, actor: Actor, act: str, application: Application, kind: DecisionKind | None = None
) -> None:
    """Note an act for the audit trail."""
    procedure = applications.procedure_of(application)
    about = AuditSubject("application", application.id, application.unit_id, procedure.name_zh)
    changes = {"decision": Change(None, kind.value, FieldClass.INTERNAL)} if kind else {}
    audit.note(session, actor, act, about=about, changes=changes)


def _carry_out(session: Session, actor: Actor, application: Application, step: Step, verdict: Verdict) -> None:
    if verdict.kind in NEED_REASON and not verdict.reason.strip():
        raise ReasonMissing
    if verdict.kind is DecisionKind.APPROVE:
        verdict = replace(verdict, answers=_answered(session, application, step, verdict))
        record_decision(session, actor, application, step, verdict)
        opening.go_on(session, application, after=step.position)
        _bring_about(session, actor, application, verdict)
        return
    record_decision(session, actor, application, step, replace(verdict, answers={}))
    if verdict.kind is DecisionKind.RETURN:
        application.hand_back()
        session.flush()
        outbox.record(session, ApplicationReturned(application.id, step.id))
    else:
        opening.close(session, application, ApplicationState.REJECTED)


def list_asked(session: Session, application: Application, step: Step) -> Sequence[Asked]:
    """List what has to be filled in at a step: something only at the last one, by what its approval brings about."""
    effect = find_effect(application.procedure_code)
    if effect is None or any(stop.position > step.position for stop in opening.planned(session, application)):
        return ()
    return effect.ask(session, application, applications.get_round(session, application).facts)


def _answered(session: Session, application: Application, step: Step, verdict: Verdict) -> Mapping[str, str]:
    asked = list_asked(session, application, step)
    answers = {one.name: verdict.answers.get(one.name, "").strip()[: one.longest] for one in asked}
    missing = [one.label for one in asked if not answers[one.name]]
    if missing:
        raise AnswersMissing(application.subject_label, missing)
    return answers


def _bring_about(session: Session, actor: Actor, application: Application, verdict: Verdict) -> None:
    effect = find_effect(application.procedure_code)
    if effect is not None and application.state is ApplicationState.APPROVED:
        facts = applications.get_round(session, application).facts
        effect.carry_out(session, actor, Approved(application, facts, verdict.answers))
