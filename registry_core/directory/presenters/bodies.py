"""Bodies with those who sit in them, as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, visible_units
from registry_core.directory.labels import BODY_KINDS, SEATS
from registry_core.directory.policies import MANAGE_BODIES
from registry_core.directory.queries.bodies import list_bodies, list_members
from registry_core.orgs.models import Body, BodyMember, OrgUnit


@dataclass(frozen=True, slots=True)
class MemberLine:
    """Somebody who sits or sat in a body."""

    id: UUID
    seat: str
    name: str
    post: str | None
    phone: str | None
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class BodyView:
    """A body with its members; those who have left stand apart."""

    id: UUID
    unit_id: UUID
    unit_name: str
    kind: str
    name: str
    host_name: str | None
    contact_name: str | None
    phone: str | None
    email: str | None
    address: str | None
    since: date | None
    closed_on: date | None
    members: tuple[MemberLine, ...]
    former: tuple[MemberLine, ...]
    may_manage: bool


def view_bodies(session: Session, actor: Actor, unit: OrgUnit) -> tuple[BodyView, ...]:
    """Present the bodies that a unit has or had."""
    return _view(session, actor, unit, list_bodies(session, unit))


def view_body(session: Session, actor: Actor, body: Body, unit: OrgUnit) -> BodyView:
    """Present one body."""
    return _view(session, actor, unit, [body])[0]


def _view(session: Session, actor: Actor, unit: OrgUnit, bodies: Sequence[Body]) -> tuple[BodyView, ...]:
    may_manage = visible_units(actor, MANAGE_BODIES).covers(unit.path)
    members: dict[UUID, list[BodyMember]] = {}
    for member in list_members(session, bodies):
        members.setdefault(member.body_id, []).append(member)
    return tuple(_body_view(body, unit, members.get(body.id, []), may_manage=may_manage) for body in bodies)


def _body_view(body: Body, unit: OrgUnit, members: Sequence[BodyMember], *, may_manage: bool) -> BodyView:
    return BodyView(
        body.id,
        unit.id,
        unit.name,
        str(BODY_KINDS[body.kind]),
        body.name,
        body.host_name,
        body.contact_name,
        body.phone,
        body.email,
        body.address,
        body.opened_on,
        body.closed_on,
        tuple(_line(one) for one in members if one.left_on is None),
        tuple(_line(one) for one in members if one.left_on is not None),
        may_manage=may_manage and body.closed_on is None,
    )


def _line(member: BodyMember) -> MemberLine:
    return MemberLine(
        member.id, str(SEATS[member.seat]), member.name, member.post, member.phone, member.joined_on, member.left_on
    )
