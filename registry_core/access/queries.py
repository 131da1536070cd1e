"""Reads about rights."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BindParameter, ColumnElement, String, and_, cast, func, literal, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from registry_core.access.actors import Actor, Assignment, Qualified
from registry_core.access.models import Qualification, QualificationKind, RoleAssignment
from registry_core.orgs.models import Level, OrgUnit

At = datetime | BindParameter[datetime]


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is at a moment, and the next moment at which that changes by its own date."""

    assignments: frozenset[Assignment]
    qualifications: frozenset[Qualified]
    changes_at: datetime | None


NOBODY = Standing(frozenset(), frozenset(), None)

# What an `Assignment` is made from, in its order.
ASSIGNMENT = (
    RoleAssignment.role,
    OrgUnit.id,
    OrgUnit.path,
    OrgUnit.level,
    RoleAssignment.narrowed_to,
)


def held_at(at: At) -> ColumnElement[bool]:
    """Limit role assignments to those in force at an instant (or at one that a prepared statement is given later)."""
    return and_(
        RoleAssignment.valid_from <= at,
        or_(RoleAssignment.valid_until.is_(None), RoleAssignment.valid_until > at),
    )


def in_force(at: At) -> ColumnElement[bool]:
    """Limit qualifications to those in force at an instant."""
    return and_(
        Qualification.valid_from <= at,
        Qualification.valid_until > at,
        Qualification.revoked_at.is_(None),
    )


def is_qualified(
    account_id: SQLCoreOperations[Any],
    kind: QualificationKind | BindParameter[Any],
    level: SQLCoreOperations[Level],
    at: At,
) -> ColumnElement[bool]:
    """Say in SQL whether somebody holds a valid qualification for work of a kind at a tier."""
    return (
        select(literal(1))
        .where(
            Qualification.account_id == account_id,
            Qualification.kind == kind,
            or_(Qualification.level.is_(None), _rank(level) >= _rank(Qualification.level)),
            in_force(at),
        )
        .correlate_except(Qualification)
        .exists()
    )


def _rank(level: SQLCoreOperations[Any]) -> ColumnElement[int]:
    levels = literal([one.value for one in Level], ARRAY(String))
    rank: ColumnElement[int] = func.array_position(levels, cast(level, String))
    return rank


def load_actor(session: Session, account_id: UUID, *, at: datetime) -> Actor:
    """Load an account with the roles and qualifications of an instant; one without roles reaches nothing."""
    return load_actors(session, [account_id], at=at)[account_id]


def load_actors(session: Session, account_ids: Collection[UUID], *, at: datetime) -> dict[UUID, Actor]:
    """Load several accounts, as `load_actor` does one."""
    standings = list_standings(session, account_ids, at=at)
    return {account_id: _actor(account_id, standings.get(account_id, NOBODY)) for account_id in account_ids}


def _actor(account_id: UUID, standing: Standing) -> Actor:
    ordered = sorted(standing.assignments, key=lambda held: (held.unit_path, held.role, held.narrowed_to or ""))
    return Actor(account_id, tuple(ordered), standing.qualifications)


def list_standings(session: Session, account_ids: Collection[UUID], *, at: datetime) -> dict[UUID, Standing]:
    """List what each of the accounts is at an instant; one without roles and qualifications is left out."""
    held: dict[UUID, set[Assignment]] = {}
    certified: dict[UUID, set[Qualified]] = {}
    ends: dict[UUID, list[datetime]] = {}
    roles = session.execute(
        select(RoleAssignment.account_id, RoleAssignment.valid_until, *ASSIGNMENT)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(RoleAssignment.account_id.in_(account_ids), held_at(at))
    )
    for row in roles:
        account_id, until = row[0], row[1]
        held.setdefault(account_id, set()).add(Assignment(*row[2:]))
        ends.setdefault(account_id, []).extend([until] if until else [])
    for one in list_qualifications(session, account_ids, at=at):
        certified.setdefault(one.account_id, set()).add(Qualified(one.kind, one.level))
        ends.setdefault(one.account_id, []).append(one.valid_until)
    return {
        account_id: Standing(
            frozenset(held.get(account_id, ())), frozenset(certified.get(account_id, ())), min(until, default=None)
        )
        for account_id, until in ends.items()
    }


def list_qualifications(
    session: Session, account_ids: Iterable[UUID], *, at: datetime | None = None
) -> list[Qualification]:
    """List the qualifications of accounts, the latest first: those in force at an instant, or all there ever were."""
    query = select(Qualification).where(Qualification.account_id.in_(list(account_ids)))
    if at is not None:
        query = query.where(in_force(at))
    return list(session.scalars(query.order_by(Qualification.valid_from.desc(), Qualification.id)))


def list_held(session: Session, account_id: UUID) -> list[tuple[RoleAssignment, OrgUnit]]:
    """List every role that an account holds or held, the latest first, with its unit."""
    rows = session.execute(
        select(RoleAssignment, OrgUnit)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(RoleAssignment.account_id == account_id)
        .order_by(RoleAssignment.valid_until.desc().nulls_first(), RoleAssignment.valid_from.desc())
    )
    return [(assignment, unit) for assignment, unit in rows]
