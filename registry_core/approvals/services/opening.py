"""Opening the next step: at which unit, in which role, until which day."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.access.models import Role
from registry_core.access.roles import REGISTRY_ROLES
from registry_core.approvals.events import ApplicationDecided, StepOpened
from registry_core.approvals.models import Application, ApplicationState, Step
from registry_core.approvals.paths import Stop, plan
from registry_core.approvals.queries import applications, deciders
from registry_core.calendars.queries import load_working_days
from registry_core.calendars.working_days import Deadline
from registry_core.db import new_id
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import Level, OrgUnit
from registry_core.rules.queries import find_rule

OWN_SIDE = (Role.REGISTRY_LEADER, Role.REGISTRY_ADMINISTRATOR)
NO_LIMIT = Deadline(None, is_provisional=False)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a step is decided, in which role, and through which body if one decides."""

    unit_id: UUID
    role: Role
    body: str | None = None


def go_on(session: Session, application: Application, *, after: int) -> None:
    """Open the first step after a place of the procedure, or approve the application when there is none."""
    stop = next((stop for stop in planned(session, application) if stop.position > after), None)
    if stop is None:
        close(session, application, ApplicationState.APPROVED)
    else:
        open_step(session, application, stop, applications.list_parties(session, application))


def planned(session: Session, application: Application) -> tuple[Stop, ...]:
    """Say which steps the application takes, by what was sent in last, and where each would be decided today."""
    spec = applications.procedure_of(application)
    facts = applications.get_round(session, application).facts
    return plan(spec, facts, deciders.load_ladders(session, application))


def open_step(session: Session, application: Application, stop: Stop, parties: Collection[UUID]) -> Step:
    """Let an application (perhaps a new one) wait at a step, and say so to those who decide it."""
    desk = find_desk(session, stop, parties)
    deadline = deadline_after(session, orgs.today(), stop.step.working_days)
    step = Step(
        id=new_id(),
        application_id=application.id,
        round=application.round,
        position=stop.position,
        code=stop.step.code,
        unit_id=desk.unit_id,
        role=desk.role.value,
        body=desk.body,
        moved_from_id=stop.unit.id if desk.unit_id != stop.unit.id else None,
        working_days=stop.step.working_days,
        opened_at=clock.now(),
        opened_on=orgs.today(),
        due_on=deadline.due,
        is_due_provisional=deadline.is_provisional,
    )
    application.wait_at(step)
    # Each points at the other: the application goes first, its key to the open step is checked at commit.
    for row in (application, step):
        session.add(row)
        session.flush()
    outbox.record(session, StepOpened(application.id, step.id))
    return step


def close(session: Session, application: Application, state: ApplicationState) -> None:
    """Let an application be over, and say so to the feature that it belongs to."""
    application.close(state, clock.now())
    session.flush()
    outbox.record(
        session,
        ApplicationDecided(
            application.id,
            application.procedure_code,
            application.subject_kind,
            application.subject_id,
            state.value,
        ),
    )


def named_desk(stop: Stop) -> Desk:
    """Say where the procedure itself wants a step to be decided."""
    return Desk(stop.unit.id, stop.step.role, stop.step.body)


def find_desk(session: Session, stop: Stop, parties: Collection[UUID]) -> Desk:
    """Find where a step can be decided by somebody who is no party to it.

    A school with one officer for all posts is real (file 003 annex 1 part 5 asks for three accounts): then the centre
    school, and after it the departments above decide instead. A step of the applicant's own side first goes to the
    other registry posts of the same unit. Where nobody at all is left, the step stays.
    """
    named = named_desk(stop)
    for desk in (named, *_at_the_same_unit(stop), *_stand_ins(session, stop.unit, named)):
        if deciders.has_decider(session, desk.unit_id, desk.role.value, body=desk.body, without=parties):
            return desk
    return named


def deadline_after(session: Session, start: date, working_days: int) -> Deadline:
    """Say when a step is due that begins on a day."""
    return load_working_days(session).add(start, working_days) if working_days else NO_LIMIT


def _at_the_same_unit(stop: Stop) -> Iterator[Desk]:
    if stop.step.body is not None:
        # Nobody has been named to the body yet: the unit that it stands beside answers for it.
        yield Desk(stop.unit.id, stop.step.role)
    if stop.step.by == "own_side":
        yield from (Desk(stop.unit.id, role) for role in OWN_SIDE if role is not stop.step.role)


def _stand_ins(session: Session, unit: OrgUnit, named: Desk) -> Iterator[Desk]:
    ladder = deciders.load_ladder(session, unit)
    if ladder.centre is not None:
        yield Desk(ladder.centre.id, named.role)
        yield Desk(ladder.centre.id, Role.CENTRE_SCHOOL_ADMINISTRATOR)
    for above in reversed(ladder.units[:-1]):
        if above.level is Level.SCHOOL:
            yield Desk(above.id, named.role)
        else:
            yield Desk(above.id, _department_role(session, above, named.role))


def _department_role(session: Session, department: OrgUnit, role: Role) -> Role:
    """Say who approves in a department: for the posts of the registry its rule pack knows; other posts stay."""
    if role not in REGISTRY_ROLES:
        return role
    approved_by: Role = find_rule(session, department, "approvals.department", on=orgs.today()).value.approved_by
    return approved_by
