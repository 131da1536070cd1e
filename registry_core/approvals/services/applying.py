"""What applicants do: apply, send again after a return, withdraw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.roles import DEFINITIONS
from registry_core.approvals.errors import (
    AlreadyRunning,
    EvidenceMissing,
    NotApplicant,
    NothingToDecide,
    NotOwnSide,
    NotReturned,
    TooLateToWithdraw,
)
from registry_core.approvals.models import Application, ApplicationRound, ApplicationState, DecisionKind
from registry_core.approvals.paths import Facts, facts_needed, places_of_applicant, plan
from registry_core.approvals.policies import Subject, acting_ids, is_party, may_withdraw
from registry_core.approvals.queries import applications, deciders
from registry_core.approvals.queries.evidence import FURTHER, list_attached
from registry_core.approvals.services import opening
from registry_core.approvals.services.attaching import Evidence, attach_evidence
from registry_core.approvals.services.deciding import Verdict, put_down, record_decision
from registry_core.db import new_id
from registry_core.orgs.models import OrgUnit
from registry_core.rules.queries import Rule
from registry_core.rules.topics import ProcedureSpec, StepSpec

BEFORE_ALL = -1
_RUNNING_LOCK = 0x617070


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent in: facts for the conditions, evidence (names with ids of stored files), and a word to the deciders.

    `sides` are the units of the sending and the receiving side, where two are concerned.
    """

    facts: Facts = field(default_factory=dict)
    evidence: Evidence = field(default_factory=dict)
    note: str = ""
    sides: Mapping[str, UUID] = field(default_factory=dict)


def submit_application(
    session: Session, actor: Actor, subject: Subject, *, rule: Rule, content: Content, applicant_id: UUID | None = None
) -> Application:
    """Apply for something under the procedure that a rule lays down; the feature has checked that the actor may.

    `applicant_id` is whose application it is, when somebody enters it for another. A copy of the procedure is kept.
    Raises EvidenceMissing, AlreadyRunning, NotOwnSide, NothingToDecide, what attaching a file raises, and ValueError
    when the feature left out a fact or a side.
    """
    spec: ProcedureSpec = rule.value
    _require_complete(spec, content)
    _require_first(session, spec, subject)
    application = Application(
        id=new_id(),
        procedure_code=spec.code,
        procedure=msgspec.to_builtins(spec),
        pack_code=rule.pack_code,
        clause=rule.clause,
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_label=subject.label[:200],
        unit_id=subject.unit_id,
        sides=_stored_sides(content),
        applicant_id=applicant_id or actor.on_behalf_of or actor.account_id,
        entered_by_id=actor.account_id,
        round=1,
        applied_at=clock.now(),
    )
    ladders = deciders.load_ladders(session, application)
    _require_own_side(actor, places_of_applicant(spec, content.facts, ladders))
    stops = plan(spec, content.facts, ladders)
    if not stops:
        raise NothingToDecide
    opening.open_step(session, application, stops[0], {application.applicant_id, *acting_ids(actor)})
    _send_in(session, actor, application, content)
    put_down(session, actor, "approvals.application.submitted", application)
    return application


def resubmit(session: Session, actor: Actor, application_id: UUID, *, content: Content) -> Application:
    """Send a returned application in again; it takes all its steps anew.

    Raises ApplicationNotFound, NotApplicant, NotReturned, EvidenceMissing, NothingToDecide.
    """
    application = _get_own(session, actor, application_id)
    if application.state is not ApplicationState.RETURNED:
        raise NotReturned
    _require_complete(applications.procedure_of(application), content)
    application.round += 1
    application.sides = _stored_sides(content)
    _send_in(session, actor, application, content)
    if not opening.planned(session, application):
        raise NothingToDecide
    opening.go_on(session, application, after=BEFORE_ALL)
    put_down(session, actor, "approvals.application.resubmitted", application)
    return application


def resubmit_corrected(
    session: Session, actor: Actor, application_id: UUID, *, note: str, evidence: Evidence | None = None
) -> Application:
    """Send a returned application in again with the facts that it had, a word about what was corrected, and evidence.

    Without `evidence` what was attached last is attached again. Raises what `resubmit` raises.
    """
    application = _get_own(session, actor, application_id)
    last = applications.get_round(session, application)
    content = Content(
        facts=last.facts,
        evidence=list_attached(session, application) if evidence is None else evidence,
        note=note,
        sides={side: UUID(unit_id) for side, unit_id in application.sides.items()},
    )
    return resubmit(session, actor, application_id, content=content)


def withdraw(session: Session, actor: Actor, application_id: UUID, *, reason: str = "") -> Application:
    """Take an application back.

    Raises ApplicationNotFound, NotApplicant, TooLateToWithdraw.
    """
    application = _get_own(session, actor, application_id)
    step = applications.find_open_step(session, application)
    if not may_withdraw(application, step, applications.procedure_of(application)):
        raise TooLateToWithdraw
    record_decision(session, actor, application, step, Verdict(DecisionKind.WITHDRAW, reason))
    opening.close(session, application, ApplicationState.WITHDRAWN)
    return application


def _get_own(session: Session, actor: Actor, application_id: UUID) -> Application:
    application = applications.get_application(session, actor, application_id, for_update=True)
    if not is_party(actor, applications.list_parties(session, application)):
        raise NotApplicant
    return application


def _send_in(session: Session, actor: Actor, application: Application, content: Content) -> None:
    session.add(
        ApplicationRound(
            application_id=application.id,
            number=application.round,
            facts=dict(content.facts),
            note=content.note,
            entered_by_id=actor.account_id,
            on_behalf_of_id=actor.on_behalf_of,
            # What is sent in comes before the step that it opens, also by microseconds.
            at=application.applied_at if application.round == 1 else clock.now(),
        )
    )
    session.flush()
    attach_evidence(session, actor, application, content.evidence)


def _stored_sides(content: Content) -> dict[str, str]:
    return {side: str(unit_id) for side, unit_id in content.sides.items()}


def _require_complete(spec: ProcedureSpec, content: Content) -> None:
    """Refuse what the applicant left out, and stop at what only the feature could have left out."""
    unknown = facts_needed(spec) - content.facts.keys()
    sides = {step.side for step in spec.steps if step.side is not None} - content.sides.keys()
    if unknown or sides:
        message = f"procedure {spec.code} needs the facts {sorted(unknown)} and the sides {sorted(sides)}"
        raise ValueError(message)
    if unknown_names := content.evidence.keys() - {*spec.evidence, FURTHER}:
        message = f"procedure {spec.code} asks for no evidence called {sorted(unknown_names)}"
        raise ValueError(message)
    missing = [name for name in spec.evidence if not content.evidence.get(name)]
    if missing:
        raise EvidenceMissing(missing)


def _require_own_side(actor: Actor, places: Sequence[tuple[StepSpec, OrgUnit]]) -> None:
    """Refuse who does not serve where the procedure begins: in the post that begins it, or at all on its own side."""
    for step, unit in places:
        roles = {held.role for held in actor.assignments if held.unit_id == unit.id}
        if not roles or (step.by == "applicant" and step.role not in roles):
            raise NotOwnSide(unit.name, str(DEFINITIONS[step.role].name))


def _require_first(session: Session, spec: ProcedureSpec, subject: Subject) -> None:
    if subject.kind != spec.subject:
        message = f"procedure {spec.code} is about a {spec.subject}, not a {subject.kind}"
        raise ValueError(message)
    # Sent twice at once, the second waits here and is then told; the unique index alone would fail without words.
    thing = f"{spec.code}:{subject.kind}:{subject.id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(thing, _RUNNING_LOCK))))
    running = select(Application.id).where(
        Application.procedure_code == spec.code,
        Application.subject_kind == subject.kind,
        Application.subject_id == subject.id,
        Application.state.in_((ApplicationState.OPEN, ApplicationState.RETURNED)),
    )
    if session.scalar(select(running.exists())):
        raise AlreadyRunning
