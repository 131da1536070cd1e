"""Writes: registering computers and addresses, ending them, and saying whether business is limited to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry_core import audit, clock
from registry_core.access.actors import Actor, visible_units
from registry_core.errors import NotFound
from registry_core.orgs.models import OrgUnit
from registry_core.orgs.queries import get_unit
from registry_core.workplaces import queries
from registry_core.workplaces.errors import (
    DemandedByRule,
    LastPlace,
    LiftedTooLong,
    LocksOneselfOut,
    NotANetwork,
    OnlyFromAbove,
    RangeAlreadyThere,
)
from registry_core.workplaces.models import RegisteredComputer, RegisteredRange, SwitchKind, WorkplaceSwitch
from registry_core.workplaces.policies import (
    LONGEST_LIFTING,
    MANAGE_WORKPLACES,
    draw_token,
    is_at,
    mark_of,
    may_lift,
    read_network,
)


@dataclass(frozen=True, slots=True)
class Computer:
    """A newly registered computer, and the token that its cookie is to carry."""

    registered: RegisteredComputer
    token: str


def register_computer(session: Session, actor: Actor, unit_id: UUID, *, name: str, room: str, browser: str) -> Computer:
    """Register the computer that the actor sits at.

    The token is drawn anew each time: a cookie planted by somebody else makes nothing known. Raises UnitNotFound.
    """
    unit = _reach(session, actor, unit_id)
    token = draw_token()
    registered = RegisteredComputer(
        unit_id=unit.id,
        name=name,
        room=room,
        token_hash=mark_of(token),
        browser=browser,
        registered_at=clock.now(),
        registered_by_id=actor.account_id,
    )
    session.add(registered)
    session.flush()
    _note(session, actor, "workplaces.computer.registered", unit, name)
    return Computer(registered, token)


def add_range(session: Session, actor: Actor, unit_id: UUID, *, network: str, name: str) -> RegisteredRange:
    """Register addresses of a unit.

    Raises UnitNotFound, NotANetwork, RangeAlreadyThere.
    """
    unit = _reach(session, actor, unit_id)
    read = read_network(network)
    if read is None:
        raise NotANetwork
    _take_turns(session, unit.id)
    if read in queries.list_places(session, [unit.id]).get(unit.id, queries.Places()).networks:
        raise RangeAlreadyThere
    registered = RegisteredRange(
        unit_id=unit.id, name=name, network=read, registered_at=clock.now(), registered_by_id=actor.account_id
    )
    session.add(registered)
    session.flush()
    _note(session, actor, "workplaces.range.added", unit, read)
    return registered


def end_computer(session: Session, actor: Actor, computer_id: UUID) -> OrgUnit:
    """Let a computer serve no more.

    Raises NotFound, LastPlace.
    """
    computer = session.get(RegisteredComputer, computer_id)
    return _end(session, actor, computer, "workplaces.computer.ended")


def end_range(session: Session, actor: Actor, range_id: UUID) -> OrgUnit:
    """Let addresses serve no more.

    Raises NotFound, LastPlace.
    """
    found = session.get(RegisteredRange, range_id)
    return _end(session, actor, found, "workplaces.range.ended")


def switch_on(session: Session, actor: Actor, unit_id: UUID) -> WorkplaceSwitch:
    """Limit the registry business of a unit to its places; the actor has to sit at one of them.

    Raises UnitNotFound, LocksOneselfOut.
    """
    unit = _reach(session, actor, unit_id)
    places = queries.find_limit(session, unit).places
    if not is_at(actor.origin, places.marks, places.networks):
        raise LocksOneselfOut
    return _switch(session, actor, unit, WorkplaceSwitch(kind=SwitchKind.ON, reason=""))


def switch_off(session: Session, actor: Actor, unit_id: UUID, *, reason: str) -> WorkplaceSwitch:
    """Limit the registry business of a unit no more.

    Raises UnitNotFound, DemandedByRule.
    """
    unit = _reach(session, actor, unit_id)
    if queries.find_limit(session, unit).rule is not None:
        raise DemandedByRule
    return _switch(session, actor, unit, WorkplaceSwitch(kind=SwitchKind.OFF, reason=reason))


def lift(session: Session, actor: Actor, unit_id: UUID, *, until: datetime, reason: str) -> WorkplaceSwitch:
    """Lift the limit of a unit below until an instant, in an emergency; it comes back by itself.

    Raises UnitNotFound, OnlyFromAbove, LiftedTooLong.
    """
    unit = _reach(session, actor, unit_id)
    if not may_lift(actor, unit):
        raise OnlyFromAbove
    now = clock.now()
    if not now < until <= now + LONGEST_LIFTING:
        raise LiftedTooLong
    made = WorkplaceSwitch(kind=SwitchKind.LIFTED, reason=reason, lifted_until=until)
    return _switch(session, actor, unit, made)


def _switch(session: Session, actor: Actor, unit: OrgUnit, made: WorkplaceSwitch) -> WorkplaceSwitch:
    made.unit_id = unit.id
    made.made_at = clock.now()
    made.made_by_id = actor.account_id
    session.add(made)
    session.flush()
    act = {
        SwitchKind.ON: "workplaces.switched_on",
        SwitchKind.OFF: "workplaces.switched_off",
        SwitchKind.LIFTED: "workplaces.lifted",
    }[made.kind]
    _note(session, actor, act, unit, made.reason)
    return made


def _end(session: Session, actor: Actor, place: RegisteredComputer | RegisteredRange | None, act: str) -> OrgUnit:
    if place is None or place.ended_at is not None:
        raise NotFound
    unit = _reach(session, actor, place.unit_id)
    _take_turns(session, unit.id)
    limit = queries.find_limit(session, unit)
    always = limit.rule is not None and limit.rule.value.limited == "always"
    if (limit.is_switched_on or always) and len(limit.places.marks) + len(limit.places.networks) == 1:
        raise LastPlace
    place.end(clock.now(), by=actor.account_id)
    session.flush()
    _note(session, actor, act, unit, place.name)
    return unit


def _reach(session: Session, actor: Actor, unit_id: UUID) -> OrgUnit:
    return get_unit(session, visible_units(actor, MANAGE_WORKPLACES), unit_id)


def _take_turns(session: Session, unit_id: UUID) -> None:
    # Two who end the last two places at a time would each see another one left.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"workplaces:{unit_id}", 0))))


def _note(session: Session, actor: Actor, act: str, unit: OrgUnit, what: str) -> None:
    told = audit.Change(None, what, audit.FieldClass.INTERNAL)
    changes = {"place": told} if what else {}
    audit.note(session, actor, act, about=audit.Subject("unit", unit.id, unit.id, unit.name), changes=changes)
