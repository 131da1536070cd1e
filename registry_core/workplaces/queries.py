"""Reads about registered places: which units are limited, and from where somebody may act."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, Assignment, permissions, right_of
from registry_core.accounts.models import Account
from registry_core.orgs.models import OrgUnit
from registry_core.orgs.queries import today
from registry_core.rules.queries import Rule, Spread, list_spread
from registry_core.workplaces.models import RegisteredComputer, RegisteredRange, SwitchKind, WorkplaceSwitch
from registry_core.workplaces.policies import is_at

TOPIC = "workplaces"


@dataclass(frozen=True, slots=True)
class Places:
    """The computers and networks that a unit has registered now."""

    marks: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is registered."""
        return not self.marks and not self.networks


@dataclass(frozen=True, slots=True)
class Limit:
    """Whether the registry business of a unit is limited to its places, by whose decision, and whether it is lifted."""

    rule: Rule | None
    """The rule that demands it; None where the unit decides."""
    is_switched_on: bool
    lifted: WorkplaceSwitch | None
    places: Places

    @property
    def is_in_force(self) -> bool:
        """Say whether it holds now."""
        if self.lifted is not None:
            return False
        if self.is_switched_on:
            return True
        return self.rule is not None and (self.rule.value.limited == "always" or not self.places.is_empty)


NO_LIMIT = Limit(None, is_switched_on=False, lifted=None, places=Places())


def list_limits(session: Session, assignments: Collection[Assignment]) -> dict[UUID, Limit]:
    """List the units of some roles whose registry business is limited now; two short queries where none is."""
    held = {one.unit_id: one for one in assignments}
    rules = _demanding(list_spread(session, TOPIC, on=today()), held)
    switches = _latest_switches(session, held)
    maybe = [unit_id for unit_id in held if unit_id in rules or unit_id in switches]
    if not maybe:
        return {}
    places = list_places(session, maybe)
    limits = {
        unit_id: _limit(rules.get(unit_id), switches.get(unit_id, []), places.get(unit_id, Places()))
        for unit_id in maybe
    }
    return {unit_id: limit for unit_id, limit in limits.items() if limit.is_in_force}


def list_shut(session: Session, actor: Actor) -> dict[UUID, Limit]:
    """List the units of an actor's roles whose registry business cannot be done from where the actor is."""
    carrying = registry_assignments(actor)
    limits = list_limits(session, carrying) if carrying else {}
    return {
        unit_id: limit
        for unit_id, limit in limits.items()
        if not is_at(actor.origin, limit.places.marks, limit.places.networks)
    }


def registry_assignments(actor: Actor) -> list[Assignment]:
    """List the roles of somebody that carry any registry business."""
    roles = {role for name in permissions() if (right := right_of(name)).is_registry for role in right.roles}
    return [held for held in actor.assignments if held.role in roles]


def find_limit(session: Session, unit: OrgUnit) -> Limit:
    """Say what holds at a unit, in force or not."""
    rule = list_spread(session, TOPIC, on=today()).at(unit.path)
    demanded = rule if rule and rule.value.limited != "unit_decides" and unit.level in rule.value.levels else None
    switches = _latest_switches(session, [unit.id]).get(unit.id, [])
    return _limit(demanded, switches, list_places(session, [unit.id]).get(unit.id, Places()))


def list_places(session: Session, unit_ids: Sequence[UUID]) -> dict[UUID, Places]:
    """List what units have registered now."""
    computers = session.execute(
        select(RegisteredComputer.unit_id, RegisteredComputer.token_hash).where(
            RegisteredComputer.unit_id.in_(unit_ids), RegisteredComputer.ended_at.is_(None)
        )
    ).all()
    ranges = session.execute(
        select(RegisteredRange.unit_id, RegisteredRange.network).where(
            RegisteredRange.unit_id.in_(unit_ids), RegisteredRange.ended_at.is_(None)
        )
    ).all()
    return {
        unit_id: Places(
            tuple(mark for owner, mark in computers if owner == unit_id),
            tuple(network for owner, network in ranges if owner == unit_id),
        )
        for unit_id in {owner for owner, _what in (*computers, *ranges)}
    }


def list_computers(session: Session, unit: OrgUnit) -> list[tuple[RegisteredComputer, str]]:
    """List the computers of a unit with who registered each, those in use first."""
    rows = session.execute(
        select(RegisteredComputer, Account.name)
        .join(Account, Account.id == RegisteredComputer.registered_by_id)
        .where(RegisteredComputer.unit_id == unit.id)
        .order_by(RegisteredComputer.ended_at.desc().nulls_first(), RegisteredComputer.registered_at)
        .limit(200)
    )
    return [(row[0], row[1]) for row in rows]


def list_ranges(session: Session, unit: OrgUnit) -> list[tuple[RegisteredRange, str]]:
    """List the addresses of a unit with who registered each, those in use first."""
    rows = session.execute(
        select(RegisteredRange, Account.name)
        .join(Account, Account.id == RegisteredRange.registered_by_id)
        .where(RegisteredRange.unit_id == unit.id)
        .order_by(RegisteredRange.ended_at.desc().nulls_first(), RegisteredRange.registered_at)
        .limit(200)
    )
    return [(row[0], row[1]) for row in rows]


def list_switches(session: Session, unit: OrgUnit) -> list[tuple[WorkplaceSwitch, str]]:
    """List the latest decisions about the limit of a unit, with who made each."""
    rows = session.execute(
        select(WorkplaceSwitch, Account.name)
        .join(Account, Account.id == WorkplaceSwitch.made_by_id)
        .where(WorkplaceSwitch.unit_id == unit.id)
        .order_by(WorkplaceSwitch.made_at.desc(), WorkplaceSwitch.id.desc())
        .limit(20)
    )
    return [(row[0], row[1]) for row in rows]


def _demanding(spread: Spread, held: Mapping[UUID, Assignment]) -> dict[UUID, Rule]:
    found = {unit_id: spread.at(one.unit_path) for unit_id, one in held.items()}
    return {
        unit_id: rule
        for unit_id, rule in found.items()
        if rule and rule.value.limited != "unit_decides" and held[unit_id].unit_level in rule.value.levels
    }


def _latest_switches(session: Session, unit_ids: Collection[UUID]) -> dict[UUID, list[WorkplaceSwitch]]:
    """List the decisions of units, the latest first."""
    rows = session.scalars(
        select(WorkplaceSwitch)
        .where(WorkplaceSwitch.unit_id.in_(list(unit_ids)))
        .order_by(WorkplaceSwitch.made_at.desc(), WorkplaceSwitch.id.desc())
    )
    found: dict[UUID, list[WorkplaceSwitch]] = {}
    for row in rows:
        found.setdefault(row.unit_id, []).append(row)
    return found


def _limit(rule: Rule | None, switches: Sequence[WorkplaceSwitch], places: Places) -> Limit:
    """Fold the decisions, the latest first: a lifting covers what was decided before it, until its end."""
    lasting = next((one for one in switches if one.kind is not SwitchKind.LIFTED), None)
    is_on = lasting is not None and lasting.kind is SwitchKind.ON
    return Limit(rule, is_switched_on=is_on, lifted=_lifting(switches, clock.now()), places=places)


def _lifting(switches: Sequence[WorkplaceSwitch], at: datetime) -> WorkplaceSwitch | None:
    latest = switches[0] if switches else None
    return latest if latest is not None and latest.lifted_until is not None and latest.lifted_until > at else None
