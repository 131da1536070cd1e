"""Reads of the tree for browsing: what I reach, what hangs below, who works there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from registry_core import clock
from registry_core.access.actors import Actor, Scope, visible_units
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.directory.policies import SEE_UNITS
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import CodeScheme, Level, OrgUnit, UnitKind, is_within

MOST_FOUND = 50
_DIGITS = {6: CodeScheme.GBT2260, 10: CodeScheme.SCHOOL_CODE}


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit in the tree, and how many hang directly below it today."""

    unit: OrgUnit
    below: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many units of a level and kind there are."""

    level: Level
    kind: UnitKind
    count: int


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody with a role at a unit now."""

    account_id: UUID
    name: str
    role: Role
    narrowed_to: str | None


def get_unit(session: Session, actor: Actor, unit_id: UUID) -> OrgUnit:
    """Get a unit that the actor reaches, closed ones included.

    Raises UnitNotFound.
    """
    return orgs.get_unit(session, visible_units(actor, SEE_UNITS), unit_id)


def list_roots(session: Session, actor: Actor) -> list[Branch]:
    """List the highest units that the actor reaches; what lies below another of them is not one."""
    paths = visible_units(actor, SEE_UNITS).paths
    tops = [path for path in paths if not any(is_within(path, other) for other in paths if other != path)]
    return _branches(session, select(OrgUnit).where(OrgUnit.path.in_(tops)).order_by(OrgUnit.path))


def list_branches(session: Session, actor: Actor, unit: OrgUnit) -> list[Branch]:
    """List what hangs directly below a unit today: departments before schools, by pinyin."""
    scope = visible_units(actor, SEE_UNITS)
    below = select(OrgUnit).where(
        OrgUnit.parent_id == unit.id, orgs.open_clause(orgs.today()), scope.clause(OrgUnit.path)
    )
    return _branches(session, below.order_by(OrgUnit.level == Level.SCHOOL, OrgUnit.name_sort, OrgUnit.number))


def search(session: Session, actor: Actor, text: str) -> list[OrgUnit]:
    """Find units that the actor reaches, by a part of the name or by the whole code of today."""
    scope = visible_units(actor, SEE_UNITS)
    scheme = _DIGITS.get(len(text)) if text.isascii() and text.isdigit() else None
    if scheme is None:
        return list(orgs.search_units(session, scope, text, limit=MOST_FOUND))
    unit = orgs.find_unit_by_code(session, scheme, text)
    return [unit] if unit is not None and scope.covers(unit.path) else []


def count_below(session: Session, unit: OrgUnit) -> list[Tally]:
    """Count all that lies below a unit today, by level and kind."""
    rows = session.execute(
        select(OrgUnit.level, OrgUnit.kind, func.count())
        .where(orgs.subtree_clause(unit.path), OrgUnit.id != unit.id, orgs.open_clause(orgs.today()))
        .group_by(OrgUnit.level, OrgUnit.kind)
    )
    return sorted((Tally(*row) for row in rows), key=lambda tally: (tally.level.rank, tally.kind))


def list_officers(session: Session, scope: Scope, unit: OrgUnit) -> list[Officer]:
    """List who holds which role at a unit now, if the unit lies within the scope."""
    rows = session.execute(
        select(Account.id, Account.name, RoleAssignment.role, RoleAssignment.narrowed_to)
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(OrgUnit.id == unit.id, scope.clause(OrgUnit.path), held_at(clock.now()), Account.closed_at.is_(None))
    )
    places = {role: place for place, role in enumerate(Role)}
    return sorted((Officer(*row) for row in rows), key=lambda held: (places[held.role], held.name))


def _branches(session: Session, units: Select[OrgUnit]) -> list[Branch]:
    found = session.scalars(units).all()
    child = aliased(OrgUnit)
    today = orgs.today()
    counted = session.execute(
        select(child.parent_id, func.count())
        .where(
            child.parent_id.in_([unit.id for unit in found]),
            func.coalesce(child.opened_on, today) <= today,
            child.closed_on.is_(None) | (child.closed_on > today),
        )
        .group_by(child.parent_id)
    )
    below = {row[0]: row[1] for row in counted}
    return [Branch(unit, below.get(unit.id, 0)) for unit in found]
