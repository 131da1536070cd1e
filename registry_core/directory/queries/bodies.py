"""Reads of the bodies beside the tree, closed ones and former members included."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at
from registry_core.directory.errors import BodyNotFound, MemberNotFound
from registry_core.directory.policies import SEE_UNITS
from registry_core.orgs.models import Body, BodyKind, BodyMember, OrgUnit, Seat


def get_body(session: Session, actor: Actor, body_id: UUID, *, for_update: bool = False) -> tuple[Body, OrgUnit]:
    """Get a body within the actor's reach, with its unit.

    Raises BodyNotFound.
    """
    query = (
        select(Body, OrgUnit)
        .join(OrgUnit, OrgUnit.id == Body.unit_id)
        .where(Body.id == body_id, visible_units(actor, SEE_UNITS).clause(OrgUnit.path))
    )
    row = session.execute(query.with_for_update(of=Body) if for_update else query).first()
    if row is None:
        raise BodyNotFound
    return row[0], row[1]


def list_bodies(session: Session, unit: OrgUnit) -> Sequence[Body]:
    """List the bodies that a unit has or had, in the order of their kinds; the closed ones last."""
    kinds = case({kind: place for place, kind in enumerate(BodyKind)}, value=Body.kind)
    return session.scalars(
        select(Body).where(Body.unit_id == unit.id).order_by(Body.closed_on.isnot(None), kinds, Body.name)
    ).all()


def list_members(session: Session, bodies: Sequence[Body]) -> Sequence[BodyMember]:
    """List who sits or sat in bodies: leader, deputies, members, office; the former ones last."""
    seats = case({seat: place for place, seat in enumerate(Seat)}, value=BodyMember.seat)
    return session.scalars(
        select(BodyMember)
        .where(BodyMember.body_id.in_([body.id for body in bodies]))
        .order_by(BodyMember.left_on.isnot(None), seats, BodyMember.id)
    ).all()


def get_member(session: Session, actor: Actor, member_id: UUID) -> tuple[BodyMember, Body, OrgUnit]:
    """Get somebody who sits in a body within the actor's reach, and hold the seat.

    Raises MemberNotFound.
    """
    row = session.execute(
        select(BodyMember, Body, OrgUnit)
        .join(Body, Body.id == BodyMember.body_id)
        .join(OrgUnit, OrgUnit.id == Body.unit_id)
        .where(BodyMember.id == member_id, BodyMember.left_on.is_(None))
        .where(visible_units(actor, SEE_UNITS).clause(OrgUnit.path))
        .with_for_update(of=BodyMember)
    ).first()
    if row is None:
        raise MemberNotFound
    return row[0], row[1], row[2]


def find_leader(session: Session, body: Body) -> BodyMember | None:
    """Find who leads a body now."""
    return session.scalar(
        select(BodyMember).where(
            BodyMember.body_id == body.id, BodyMember.seat == Seat.LEADER, BodyMember.left_on.is_(None)
        )
    )


def find_open(session: Session, unit_id: UUID, kind: BodyKind, name: str) -> Body | None:
    """Find the open body of a unit that bears a name."""
    return session.scalar(
        select(Body).where(
            Body.unit_id == unit_id, Body.kind == kind, Body.name == name.strip(), Body.closed_on.is_(None)
        )
    )


def list_roles_through(session: Session, bodies: Sequence[Body]) -> Sequence[RoleAssignment]:
    """List the roles that are held now through bodies."""
    ids = [body.id for body in bodies]
    return session.scalars(select(RoleAssignment).where(RoleAssignment.body_id.in_(ids), held_at(clock.now()))).all()
