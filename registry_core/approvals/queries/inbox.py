"""What waits for somebody's decision."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Row, Select, func, not_, or_, select, tuple_
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.approvals.models import Application, Step
from registry_core.approvals.policies import DECIDE, acting_ids
from registry_core.approvals.queries.applications import is_overdue, is_party_to
from registry_core.approvals.queries.deciders import acts_for_body
from registry_core.orgs.queries import today


def list_waiting(
    session: Session, actor: Actor, *, overdue_only: bool = False, procedure: str = "", limit: int = 500
) -> Sequence[Row[Application, Step]]:
    """List the steps that somebody may decide now, with their applications: due first, then oldest first."""
    query = _waiting(actor)
    if overdue_only:
        query = query.where(is_overdue(today()))
    if procedure:
        query = query.where(Application.procedure_code == procedure)
    return session.execute(query.order_by(Step.due_on.nulls_last(), Step.opened_at, Step.id).limit(limit)).all()


def count_waiting(session: Session, actor: Actor) -> tuple[int, int]:
    """Count the steps that somebody may decide now, and how many of them are overdue."""
    counted = _waiting(actor).with_only_columns(func.count(), func.count().filter(is_overdue(today())))
    waiting, overdue = session.execute(counted).one()
    return waiting, overdue


def hold_waiting(session: Session, actor: Actor, step_ids: Collection[UUID]) -> Sequence[Row[Application, Step]]:
    """Lock those of the steps that somebody may decide now, in one order for all: two who do so never deadlock."""
    applications = select(Application.id).join(Step, Step.application_id == Application.id).where(Step.id.in_(step_ids))
    session.scalars(
        select(Application.id).where(Application.id.in_(applications)).order_by(Application.id).with_for_update()
    ).all()
    # Asked again under the locks: what somebody else has decided meanwhile is no longer among them.
    held = _waiting(actor).where(Step.id.in_(step_ids)).order_by(Application.id)
    return session.execute(held.execution_options(populate_existing=True)).all()


def may_decide(session: Session, actor: Actor, step: Step) -> bool:
    """Say whether somebody may decide a step now."""
    return bool(session.scalar(select(_waiting(actor).where(Step.id == step.id).exists())))


def _waiting(actor: Actor) -> Select[Application, Step]:
    """Select what an actor may decide: in a role held at the unit (for its body, if one decides), nothing own."""
    held = actor.assignments if actor.may(DECIDE) else ()
    posts = [(one.unit_id, one.role.value) for one in held]
    return (
        select(Application, Step)
        .join(Step, Step.application_id == Application.id)
        .where(
            Step.is_open.is_(True),
            tuple_(Step.unit_id, Step.role).in_(posts),
            or_(Step.body.is_(None), acts_for_body(acting_ids(actor), Step.unit_id, Step.role, Step.body)),
            not_(is_party_to(actor)),
        )
    )
