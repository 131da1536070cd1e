"""Giving and ending roles, and qualifying people until there is a certificate.

Whoever gives a role must hold one that may give it (`roles.DEFINITIONS`), at the unit or above it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry_core import clock, outbox
from registry_core.access import policies, queries
from registry_core.access.actors import Actor, visible_units
from registry_core.access.errors import (
    DutiesConflict,
    EndsBeforeItBegins,
    GivenToOneself,
    HandedOver,
    LastAdministrator,
    MayNotGive,
    NarrowingMissing,
    NotOffered,
    RoleAlreadyHeld,
    RoleNotHeldHere,
)
from registry_core.access.events import RoleGiven
from registry_core.access.models import Qualification, QualificationKind, Role, RoleAssignment
from registry_core.access.roles import DEFINITIONS, find_conflict
from registry_core.audit.services import note
from registry_core.audit.values import Change, FieldClass, Subject
from registry_core.errors import Forbidden, NotFound
from registry_core.orgs.models import Level, OrgUnit

LONGEST_PROVISIONAL = timedelta(days=366)
LONGEST_NOTICE = timedelta(days=366)
"""How far ahead a role can be handed over."""


def grant_role(
    session: Session, *, account_id: UUID, unit_id: UUID, role: Role, valid_from: datetime | None = None
) -> RoleAssignment:
    """Let the house itself give a role: the demonstration cast, the command line, a confirmed registration.

    Raises RoleAlreadyHeld.
    """
    return _store(
        session,
        RoleAssignment(account_id=account_id, unit_id=unit_id, role=role, valid_from=valid_from or clock.now()),
    )


@dataclass(frozen=True, slots=True)
class Post:
    """A role at a unit that somebody is to be given; without an end until it is taken."""

    unit_id: UUID
    role: Role
    narrowed_to: str | None = None
    valid_until: datetime | None = None


def give_role(session: Session, actor: Actor, account_id: UUID, post: Post) -> RoleAssignment:
    """Give a person a role at a unit within the actor's reach.

    Raises NotFound, GivenToOneself, MayNotGive, RoleNotHeldHere, NarrowingMissing, NotOffered, DutiesConflict,
    RoleAlreadyHeld, EndsBeforeItBegins.
    """
    unit = _reach(session, actor, post.unit_id)
    definition = DEFINITIONS[post.role]
    if account_id in {actor.account_id, actor.on_behalf_of}:
        raise GivenToOneself
    if not policies.may_give(actor, post.role, unit):
        raise MayNotGive
    if not definition.is_offered:
        raise NotOffered
    if unit.level not in definition.levels:
        raise RoleNotHeldHere
    if definition.is_narrow != bool(post.narrowed_to):
        raise NarrowingMissing
    now = clock.now()
    if post.valid_until is not None and post.valid_until <= now:
        raise EndsBeforeItBegins
    _require_no_conflict(session, account_id, post.role, at=now)
    given = _store(
        session,
        RoleAssignment(
            account_id=account_id,
            unit_id=post.unit_id,
            role=post.role,
            narrowed_to=post.narrowed_to or None,
            valid_from=now,
            valid_until=post.valid_until,
            granted_by_id=actor.account_id,
        ),
    )
    _note(session, actor, "access.role.given", given, Change(None, post.role.value, FieldClass.INTERNAL))
    outbox.record(session, RoleGiven(given.id))
    return given


def take_role(session: Session, actor: Actor, assignment_id: UUID, *, reason: str) -> RoleAssignment:
    """End a role that somebody holds within the actor's reach; what was done under it stays on record.

    Raises NotFound, MayNotGive, LastAdministrator.
    """
    assignment = session.get(RoleAssignment, assignment_id, with_for_update=True)
    if assignment is None:
        raise NotFound
    unit = _reach(session, actor, assignment.unit_id)
    if not policies.may_give(actor, assignment.role, unit):
        raise MayNotGive
    now = clock.now()
    if assignment.valid_until is not None and assignment.valid_until <= now:
        raise NotFound
    if assignment.role is Role.SUPER_ADMINISTRATOR and unit.level is Level.MINISTRY:
        _require_another_administrator(session, assignment, at=now)
    # Given and taken in the same instant: a role that was held for no time at all cannot be stored.
    assignment.end(max(now, assignment.valid_from + timedelta(microseconds=1)), by=actor.account_id, reason=reason)
    session.flush()
    _note(session, actor, "access.role.taken", assignment, Change(assignment.role.value, None, FieldClass.INTERNAL))
    return assignment


def hand_over(
    session: Session, actor: Actor, assignment_id: UUID, *, successor_id: UUID, at: datetime, reason: str
) -> RoleAssignment:
    """Let a role end at an instant and a named successor hold it from then on; return the successor's.

    Raises NotFound, MayNotGive, GivenToOneself, HandedOver, EndsBeforeItBegins, DutiesConflict, RoleAlreadyHeld.
    """
    leaving = session.get(RoleAssignment, assignment_id, with_for_update=True)
    now = clock.now()
    if leaving is None or (leaving.valid_until is not None and leaving.valid_until <= now):
        raise NotFound
    unit = _reach(session, actor, leaving.unit_id)
    if not policies.may_give(actor, leaving.role, unit):
        raise MayNotGive
    if successor_id in {actor.account_id, actor.on_behalf_of}:
        raise GivenToOneself
    if successor_id == leaving.account_id:
        raise RoleAlreadyHeld
    if session.scalar(select(RoleAssignment.id).where(RoleAssignment.succeeds_id == leaving.id)) is not None:
        raise HandedOver
    if not max(now, leaving.valid_from) < at <= now + LONGEST_NOTICE:
        raise EndsBeforeItBegins
    _require_no_conflict(session, successor_id, leaving.role, at=at)
    successor = _store(
        session,
        RoleAssignment(
            account_id=successor_id,
            unit_id=leaving.unit_id,
            body_id=leaving.body_id,
            role=leaving.role,
            narrowed_to=leaving.narrowed_to,
            valid_from=at,
            granted_by_id=actor.account_id,
            succeeds_id=leaving.id,
        ),
    )
    leaving.end(at, by=actor.account_id, reason=reason)
    session.flush()
    role = leaving.role.value
    _note(session, actor, "access.role.taken", leaving, Change(role, None, FieldClass.INTERNAL))
    _note(session, actor, "access.role.given", successor, Change(None, role, FieldClass.INTERNAL))
    outbox.record(session, RoleGiven(successor.id))
    return successor


def end_role(session: Session, assignment_id: UUID, *, at: datetime | None = None) -> None:
    """Let the house itself end a role, now or at an instant."""
    session.get_one(RoleAssignment, assignment_id).end(at or clock.now())
    session.flush()


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to work without a certificate until a date, for a reason; without a level at every tier."""

    kind: QualificationKind
    reason: str
    valid_until: datetime
    level: Level | None = None


def qualify_provisionally(session: Session, actor: Actor | None, account_id: UUID, permit: Permit) -> Qualification:
    """Let somebody work without a certificate until a date, on record with the reason; without an actor: the house.

    Raises NotFound, Forbidden, EndsBeforeItBegins.
    """
    now = clock.now()
    if actor is not None:
        _require_may_qualify(session, actor, account_id)
    if not now < permit.valid_until <= now + LONGEST_PROVISIONAL:
        raise EndsBeforeItBegins
    qualification = Qualification(
        account_id=account_id,
        kind=permit.kind,
        level=permit.level,
        valid_from=now,
        valid_until=permit.valid_until,
        reason=permit.reason,
        granted_by_id=actor.account_id if actor else None,
    )
    session.add(qualification)
    session.flush()
    note(session, actor, "access.qualification.given", about=Subject("account", account_id))
    return qualification


def revoke_qualification(session: Session, actor: Actor, qualification_id: UUID, *, reason: str) -> Qualification:
    """Take a qualification away at once; pages and sockets that need it stop with the next step.

    Raises NotFound, Forbidden.
    """
    qualification = session.get(Qualification, qualification_id, with_for_update=True)
    if qualification is None or qualification.revoked_at is not None:
        raise NotFound
    _require_may_qualify(session, actor, qualification.account_id)
    qualification.revoked_at = clock.now()
    qualification.revoke_reason = reason
    session.flush()
    note(session, actor, "access.qualification.revoked", about=Subject("account", qualification.account_id))
    return qualification


def _store(session: Session, assignment: RoleAssignment) -> RoleAssignment:
    held = session.scalar(
        select(RoleAssignment.id).where(
            RoleAssignment.account_id == assignment.account_id,
            RoleAssignment.unit_id == assignment.unit_id,
            RoleAssignment.role == assignment.role,
            RoleAssignment.narrowed_to.is_not_distinct_from(assignment.narrowed_to),
            queries.held_at(clock.now()),
        )
    )
    if held is not None:
        raise RoleAlreadyHeld
    session.add(assignment)
    session.flush()
    return assignment


def _note(session: Session, actor: Actor, act: str, assignment: RoleAssignment, change: Change) -> None:
    note(
        session,
        actor,
        act,
        about=Subject("account", assignment.account_id, assignment.unit_id),
        changes={"role": change},
    )


def _reach(session: Session, actor: Actor, unit_id: UUID) -> OrgUnit:
    """Load a unit in which the actor may look after people; outside it does not exist."""
    scope = visible_units(actor, policies.MANAGE_PEOPLE)
    unit = session.scalar(select(OrgUnit).where(OrgUnit.id == unit_id, scope.clause(OrgUnit.path)))
    if unit is None:
        raise NotFound
    return unit


def _require_no_conflict(session: Session, account_id: UUID, wanted: Role, *, at: datetime) -> None:
    # Two who give at the same moment would each see nothing amiss: the account's roles are given one after the other.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(account_id), 0))))
    held = session.scalars(
        select(RoleAssignment.role).where(RoleAssignment.account_id == account_id, queries.held_at(at))
    )
    conflict = find_conflict(held.all(), wanted)
    if conflict is not None:
        raise DutiesConflict(conflict.rule)


def _require_another_administrator(session: Session, assignment: RoleAssignment, *, at: datetime) -> None:
    others = session.scalars(
        select(RoleAssignment.id)
        .where(
            RoleAssignment.unit_id == assignment.unit_id,
            RoleAssignment.role == Role.SUPER_ADMINISTRATOR,
            RoleAssignment.id != assignment.id,
            RoleAssignment.account_id != assignment.account_id,
            queries.held_at(at),
        )
        .with_for_update()
    )
    if not others.all():
        raise LastAdministrator


def _require_may_qualify(session: Session, actor: Actor, account_id: UUID) -> None:
    """Let only those qualify somebody who give roles at one of the person's units or above, and nobody themselves."""
    scope = visible_units(actor, policies.QUALIFY)
    within_reach = session.scalar(
        select(RoleAssignment.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(RoleAssignment.account_id == account_id, queries.held_at(clock.now()), scope.clause(OrgUnit.path))
        .limit(1)
    )
    if within_reach is None:
        raise NotFound
    if account_id == actor.account_id:
        raise Forbidden
