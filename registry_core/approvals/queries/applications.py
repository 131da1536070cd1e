"""Applications that somebody has a part in; what is outside does not exist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, visible_units
from registry_core.accounts.models import Account
from registry_core.approvals.errors import ApplicationNotFound
from registry_core.approvals.models import Application, ApplicationRound, Decision, Step
from registry_core.approvals.policies import OVERSEE, acting_ids
from registry_core.orgs.models import OrgUnit
from registry_core.orgs.queries import today
from registry_core.rules.topics import ProcedureSpec

RUNNING, OVERDUE, OVER = "running", "overdue", "over"


def get_application(session: Session, actor: Actor, application_id: UUID, *, for_update: bool = False) -> Application:
    """Get an application that the actor applied for, entered, decides or decided, or oversees.

    Raises ApplicationNotFound.
    """
    query = select(Application).where(Application.id == application_id, reachable(actor))
    if for_update:
        # The row is what everybody waits for; what the session remembers of it may be old by then.
        query = query.with_for_update().execution_options(populate_existing=True)
    application = session.scalar(query)
    if application is None:
        raise ApplicationNotFound
    return application


def get_of_step(session: Session, actor: Actor, step_id: UUID) -> tuple[Application, Step]:
    """Get a step with its application, locked: of two who decide, the second waits and then sees what was decided.

    Raises ApplicationNotFound.
    """
    application_id = session.scalar(select(Step.application_id).where(Step.id == step_id))
    if application_id is None:
        raise ApplicationNotFound
    application = get_application(session, actor, application_id, for_update=True)
    return application, session.get_one(Step, step_id, populate_existing=True)


def reachable(actor: Actor) -> ColumnElement[bool]:
    """Limit a query to the applications that somebody has a part in."""
    posts = [(held.unit_id, held.role.value) for held in actor.assignments]
    overseen = select(OrgUnit.id).where(visible_units(actor, OVERSEE).clause(OrgUnit.path))
    at_a_step = select(Step.id).where(Step.application_id == Application.id, tuple_(Step.unit_id, Step.role).in_(posts))
    return or_(is_party_to(actor), at_a_step.exists(), Application.unit_id.in_(overseen))


def is_party_to(actor: Actor) -> ColumnElement[bool]:
    """Limit a query to the applications that somebody applied for or entered, at whatever round."""
    ids = acting_ids(actor)
    return or_(
        Application.applicant_id.in_(ids),
        Application.entered_by_id.in_(ids),
        select(ApplicationRound.number)
        .where(
            ApplicationRound.application_id == Application.id,
            or_(ApplicationRound.entered_by_id.in_(ids), ApplicationRound.on_behalf_of_id.in_(ids)),
        )
        .exists(),
    )


def list_own(session: Session, actor: Actor, *, limit: int = 200) -> Sequence[Application]:
    """List what somebody applied for or entered, latest first."""
    return session.scalars(
        select(Application)
        .where(is_party_to(actor))
        .order_by(Application.applied_at.desc(), Application.id.desc())
        .limit(limit)
    ).all()


def list_running(session: Session, actor: Actor, kind: str, subject_id: UUID) -> Sequence[Application]:
    """List what is being applied for about a thing, as far as somebody has a part in it."""
    return session.scalars(
        select(Application)
        .where(
            Application.subject_kind == kind,
            Application.subject_id == subject_id,
            Application.closed_at.is_(None),
            reachable(actor),
        )
        .order_by(Application.applied_at)
    ).all()


def list_overseen(session: Session, actor: Actor, *, only: str = "", limit: int = 200) -> Sequence[Application]:
    """List the applications of the units that somebody oversees, latest first.

    `only` narrows to running, overdue or over ones.
    """
    query = (
        select(Application)
        .join(OrgUnit, OrgUnit.id == Application.unit_id)
        .where(visible_units(actor, OVERSEE).clause(OrgUnit.path))
        .order_by(Application.applied_at.desc(), Application.id.desc())
        .limit(limit)
    )
    if only == RUNNING:
        query = query.where(Application.closed_at.is_(None))
    elif only == OVER:
        query = query.where(Application.closed_at.is_not(None))
    elif only == OVERDUE:
        late = select(Step.id).where(Step.application_id == Application.id, is_overdue(today()))
        query = query.where(late.exists())
    return session.scalars(query).all()


def is_overdue(on: date) -> ColumnElement[bool]:
    """Limit a query to open steps whose day is over."""
    return and_(Step.is_open.is_(True), Step.due_on < on)


def list_rounds(session: Session, application: Application) -> Sequence[ApplicationRound]:
    """List what was sent in, in order."""
    return session.scalars(
        select(ApplicationRound)
        .where(ApplicationRound.application_id == application.id)
        .order_by(ApplicationRound.number)
    ).all()


def list_steps(session: Session, application: Application) -> Sequence[Step]:
    """List the steps that were reached, in order."""
    return session.scalars(
        select(Step).where(Step.application_id == application.id).order_by(Step.round, Step.position)
    ).all()


def list_decisions(session: Session, application: Application) -> Sequence[Decision]:
    """List what was decided, in order."""
    return session.scalars(
        select(Decision).where(Decision.application_id == application.id).order_by(Decision.at, Decision.id)
    ).all()


def list_parties(session: Session, application: Application) -> frozenset[UUID]:
    """List the accounts that may not decide: applicant, and whoever entered a round or lent the right to."""
    rounds = list_rounds(session, application)
    entered = {account_id for one in rounds for account_id in (one.entered_by_id, one.on_behalf_of_id) if account_id}
    return frozenset(entered | {application.applicant_id, application.entered_by_id})


def get_round(session: Session, application: Application) -> ApplicationRound:
    """Get what was sent in last."""
    return session.get_one(ApplicationRound, (application.id, application.round))


def find_open_step(session: Session, application: Application) -> Step | None:
    """Find the step that waits to be decided."""
    return session.get(Step, application.open_step_id) if application.open_step_id else None


def list_open_steps(session: Session, listed: Sequence[Application]) -> dict[UUID, Step]:
    """List the steps that wait to be decided, by the ids of their applications."""
    waiting = [one.open_step_id for one in listed if one.open_step_id]
    return {step.application_id: step for step in session.scalars(select(Step).where(Step.id.in_(waiting)))}


def find_decider_name(session: Session, step: Step) -> str | None:
    """Find the name of who decided a step."""
    return session.scalar(
        select(Account.name).join(Decision, Decision.by_id == Account.id).where(Decision.step_id == step.id)
    )


def procedure_of(application: Application) -> ProcedureSpec:
    """Read the procedure that an application began with."""
    return msgspec.convert(application.procedure, ProcedureSpec)
