"""Bodies beside the tree: leading groups, service centres and offices, with who sits in them.

Nothing is deleted: a body is closed, a member leaves, each by a day. Source: file 000 part 2 and annexes, 003 annex 1
part 1, annex 2 articles 11 and 18.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from registry_core import audit, clock
from registry_core.access.actors import Actor
from registry_core.audit import Change, FieldClass, Subject, compare
from registry_core.directory.errors import BodyExists, BodyIsClosed, LeaderExists
from registry_core.directory.policies import MANAGE_BODIES, require_at
from registry_core.directory.queries import bodies as queries
from registry_core.directory.queries.units import get_unit
from registry_core.orgs import queries as orgs
from registry_core.orgs import services as tree
from registry_core.orgs.models import Body, BodyKind, BodyMember, Seat
from registry_core.orgs.services import Contact

MOMENT = timedelta(microseconds=1)
_CLASSES = {
    "body_name": FieldClass.PUBLIC,
    "host_name": FieldClass.PUBLIC,
    "address": FieldClass.PUBLIC,
    "contact_name": FieldClass.PERSONAL,
    "phone": FieldClass.PERSONAL,
    "email": FieldClass.PERSONAL,
}


@dataclass(frozen=True, slots=True)
class Details:
    """What a body is called, where it sits and how it is reached."""

    name: str
    contact: Contact


@dataclass(frozen=True, slots=True)
class Seating:
    """Who takes which seat; `post` is the office that the person holds elsewhere (分管副局长)."""

    seat: Seat
    name: str
    post: str | None = None
    phone: str | None = None


def add_body(session: Session, actor: Actor, unit_id: UUID, *, kind: BodyKind, details: Details) -> Body:
    """Let a body act for a unit from today on.

    Raises UnitNotFound, Forbidden, BodyExists, NameMissing.
    """
    unit = get_unit(session, actor, unit_id)
    require_at(actor, MANAGE_BODIES, unit)
    # One at a time at a unit: whoever comes second sees what the first has added.
    session.refresh(unit, with_for_update={"key_share": True})
    if queries.find_open(session, unit.id, kind, details.name) is not None:
        raise BodyExists
    body = tree.add_body(session, unit, kind=kind, name=details.name, contact=details.contact)
    body.opened_on = orgs.today()
    session.flush()
    audit.note(session, actor, "directory.body.added", about=_subject(body))
    return body


def change_body(session: Session, actor: Actor, body_id: UUID, *, details: Details) -> Body:
    """Correct a body's name, host or address; what it was before stays in the audit trail.

    Raises BodyNotFound, Forbidden, BodyIsClosed, BodyExists.
    """
    body = _held(session, actor, body_id)
    twin = queries.find_open(session, body.unit_id, body.kind, details.name)
    if twin is not None and twin.id != body.id:
        raise BodyExists
    before = _fields(body)
    body.name = details.name
    for field, value in asdict(details.contact).items():
        setattr(body, field, value)
    session.flush()
    changes = compare(before, _fields(body), _CLASSES)
    if changes:
        audit.note(session, actor, "directory.body.changed", about=_subject(body), changes=changes)
    return body


def close_body(session: Session, actor: Actor, body_id: UUID) -> Body:
    """Let a body cease to exist today; whoever sits in it leaves with it.

    Raises BodyNotFound, Forbidden, BodyIsClosed.
    """
    body = _held(session, actor, body_id)
    wind_up(session, actor, [body])
    audit.note(session, actor, "directory.body.closed", about=_subject(body))
    return body


def wind_up(session: Session, actor: Actor, bodies: Sequence[Body]) -> None:
    """Close bodies today with all who sit in them, and the roles held through them; who may, the caller has asked."""
    today, now = orgs.today(), clock.now()
    for member in queries.list_members(session, bodies):
        if member.left_on is None:
            member.leave(today)
    for held in queries.list_roles_through(session, bodies):
        # A role given in this very instant cannot end before it began.
        held.end(max(now, held.valid_from + MOMENT), by=actor.account_id, reason=_("机构已撤销"))
    for body in bodies:
        body.close(today)
    session.flush()


def seat_member(session: Session, actor: Actor, body_id: UUID, *, seating: Seating) -> BodyMember:
    """Give somebody a seat from today on; a body has one leader.

    Raises BodyNotFound, Forbidden, BodyIsClosed, LeaderExists, NameMissing.
    """
    body = _held(session, actor, body_id)
    leader = queries.find_leader(session, body) if seating.seat is Seat.LEADER else None
    if leader is not None:
        raise LeaderExists(leader.name)
    member = tree.seat_member(
        session, body, seat=seating.seat, name=seating.name, post=seating.post, phone=seating.phone
    )
    _note_member(session, actor, "directory.member.seated", body, Change(None, member.name, FieldClass.PERSONAL))
    return member


def unseat_member(session: Session, actor: Actor, member_id: UUID) -> Body:
    """Let somebody give up the seat today, and say in which body.

    Raises MemberNotFound, Forbidden.
    """
    member, body, unit = queries.get_member(session, actor, member_id)
    require_at(actor, MANAGE_BODIES, unit)
    member.leave(orgs.today())
    session.flush()
    _note_member(session, actor, "directory.member.left", body, Change(member.name, None, FieldClass.PERSONAL))
    return body


def _held(session: Session, actor: Actor, body_id: UUID) -> Body:
    """Hold an open body that the actor may change, so that two people do not seat two leaders."""
    body, unit = queries.get_body(session, actor, body_id, for_update=True)
    require_at(actor, MANAGE_BODIES, unit)
    if body.closed_on is not None:
        raise BodyIsClosed
    return body


def _fields(body: Body) -> dict[str, str | None]:
    return {"body_name": body.name, **{name: getattr(body, name) for name in _CLASSES if name != "body_name"}}


def _subject(body: Body) -> Subject:
    return Subject("body", body.id, body.unit_id, body.name)


def _note_member(session: Session, actor: Actor, act: str, body: Body, name: Change) -> None:
    audit.note(session, actor, act, about=_subject(body), changes={"name": name})
