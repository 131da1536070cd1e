"""Reads of the tree. What a person asks for is limited by a scope; the house itself passes `WHOLE_TREE`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, case, func, literal_column, null, or_, select, true
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import SQLCoreOperations

from registry_core import clock
from registry_core.orgs.errors import UnitNotFound
from registry_core.orgs.models import Body, BodyKind, BodyMember, CodeScheme, Level, OrgUnit, OrgUnitCode, Seat, lineage

PATH_SIGN = " › "
_AFTER_SLASH = chr(ord("/") + 1)
# Built once: to build a statement with an alias takes twice as long as to run it.
_TOP = aliased(OrgUnit)
_IS_WITHIN = (
    select(func.starts_with(OrgUnit.path, _TOP.path))
    .join(_TOP, _TOP.id == bindparam("top_id"))
    .where(OrgUnit.id == bindparam("unit_id"))
)


class Scope(Protocol):
    """A part of the tree; `registry_core.access` says which one a person reaches."""

    def clause(self, column: SQLCoreOperations[str]) -> ColumnElement[bool]:
        """Limit a query by a column of paths."""


class _WholeTree:
    def clause(self, column: SQLCoreOperations[str]) -> ColumnElement[bool]:
        """Let everything through."""
        del column
        return true()


WHOLE_TREE: Scope = _WholeTree()


def today() -> date:
    """Say which day it is in China."""
    return clock.local(clock.now()).date()


def subtree_clause(path: str, column: SQLCoreOperations[str] = OrgUnit.path) -> ColumnElement[bool]:
    """Limit a query to a unit and all below it, by a range of the path's index.

    LIKE and starts_with() reach the index only in a plan made for this one text. A range under the "C" collation does
    so in the generic plan of a prepared statement too, and lets the planner tell a county from a province.
    """
    return and_(column >= path, column < path[:-1] + _AFTER_SLASH)


def open_clause(on: date) -> ColumnElement[bool]:
    """Limit a query to the units that exist on a day."""
    return and_(
        or_(OrgUnit.opened_on.is_(None), OrgUnit.opened_on <= on),
        or_(OrgUnit.closed_on.is_(None), OrgUnit.closed_on > on),
    )


def code_clause(on: date) -> ColumnElement[bool]:
    """Limit a query to the codes in force on a day."""
    return func.daterange(OrgUnitCode.valid_from, OrgUnitCode.valid_until).op("@>")(on)


def find_unit(session: Session, scope: Scope, unit_id: UUID) -> OrgUnit | None:
    """Find a unit within the scope, closed ones included."""
    return session.scalar(select(OrgUnit).where(OrgUnit.id == unit_id, scope.clause(OrgUnit.path)))


def get_unit(session: Session, scope: Scope, unit_id: UUID) -> OrgUnit:
    """Get a unit within the scope, closed ones included.

    Raises UnitNotFound.
    """
    unit = find_unit(session, scope, unit_id)
    if unit is None:
        raise UnitNotFound
    return unit


def find_ministry(session: Session) -> OrgUnit | None:
    """Find the top of the tree; None in an empty one."""
    return session.scalar(select(OrgUnit).where(OrgUnit.parent_id.is_(None)))


def find_unit_by_code(session: Session, scheme: CodeScheme, code: str, *, on: date | None = None) -> OrgUnit | None:
    """Find the unit that bore a code on a day (today without one)."""
    return session.scalar(
        select(OrgUnit)
        .join(OrgUnitCode, OrgUnitCode.unit_id == OrgUnit.id)
        .where(OrgUnitCode.scheme == scheme, OrgUnitCode.code == code, code_clause(on or today()))
    )


def find_code(session: Session, unit_id: UUID, scheme: CodeScheme, *, on: date | None = None) -> str | None:
    """Find the code that a unit bore on a day (today without one)."""
    return session.scalar(
        select(OrgUnitCode.code).where(
            OrgUnitCode.unit_id == unit_id, OrgUnitCode.scheme == scheme, code_clause(on or today())
        )
    )


def list_codes(session: Session, unit_id: UUID) -> Sequence[OrgUnitCode]:
    """List every code that a unit has ever borne, oldest first."""
    return session.scalars(
        select(OrgUnitCode).where(OrgUnitCode.unit_id == unit_id).order_by(OrgUnitCode.scheme, OrgUnitCode.valid_from)
    ).all()


def list_ancestors(session: Session, unit: OrgUnit) -> Sequence[OrgUnit]:
    """List all units above a unit and the unit itself, top first: the ladder that a question climbs, read backwards."""
    return session.scalars(select(OrgUnit).where(OrgUnit.path.in_(lineage(unit.path))).order_by(OrgUnit.path)).all()


def list_subtree(session: Session, scope: Scope, path: str, *, level: Level | None = None) -> Sequence[OrgUnit]:
    """List a unit and all below it in the order of their paths, if wished of one level alone."""
    inside = _subtree(scope, path, level)
    return session.scalars(select(OrgUnit).where(inside).order_by(OrgUnit.path)).all()


def count_subtree(session: Session, scope: Scope, path: str, *, level: Level | None = None) -> int:
    """Count a unit and all below it, if wished of one level alone."""
    inside = _subtree(scope, path, level)
    return session.scalar(select(func.count()).select_from(OrgUnit).where(inside)) or 0


def is_within(session: Session, unit_id: UUID, top_id: UUID) -> bool:
    """Say whether a unit is another one or lies below it, as the tree stands now; an unknown unit lies nowhere."""
    return bool(session.scalar(_IS_WITHIN, {"unit_id": unit_id, "top_id": top_id}))


def list_children(session: Session, scope: Scope, unit_id: UUID, *, on: date | None = None) -> Sequence[OrgUnit]:
    """List the units directly below a unit that exist on a day (today without one), by pinyin."""
    return session.scalars(
        select(OrgUnit)
        .where(OrgUnit.parent_id == unit_id, open_clause(on or today()), scope.clause(OrgUnit.path))
        .order_by(OrgUnit.name_sort, OrgUnit.number)
    ).all()


def list_managed_schools(session: Session, scope: Scope, centre_id: UUID) -> Sequence[OrgUnit]:
    """List the schools that a centre school manages, by pinyin."""
    return session.scalars(
        select(OrgUnit)
        .where(OrgUnit.managed_by_id == centre_id, open_clause(today()), scope.clause(OrgUnit.path))
        .order_by(OrgUnit.name_sort, OrgUnit.number)
    ).all()


def list_bodies(session: Session, scope: Scope, unit_id: UUID, *, kind: BodyKind | None = None) -> Sequence[Body]:
    """List the bodies that act for a unit today, if wished of one kind alone."""
    query = (
        select(Body)
        .join(OrgUnit, OrgUnit.id == Body.unit_id)
        .where(Body.unit_id == unit_id, scope.clause(OrgUnit.path))
        .where(or_(Body.closed_on.is_(None), Body.closed_on > today()))
        .order_by(Body.kind, Body.name)
    )
    return session.scalars(query if kind is None else query.where(Body.kind == kind)).all()


def list_body_members(session: Session, scope: Scope, body_id: UUID) -> Sequence[BodyMember]:
    """List who sits in a body today: leader, deputies, members, office."""
    seats = case({seat: place for place, seat in enumerate(Seat)}, value=BodyMember.seat)
    return session.scalars(
        select(BodyMember)
        .join(Body, Body.id == BodyMember.body_id)
        .join(OrgUnit, OrgUnit.id == Body.unit_id)
        .where(BodyMember.body_id == body_id, scope.clause(OrgUnit.path))
        .where(or_(BodyMember.left_on.is_(None), BodyMember.left_on > today()))
        .order_by(seats, BodyMember.id)
    ).all()


def search_units(session: Session, scope: Scope, words: str, *, limit: int = 20) -> Sequence[OrgUnit]:
    """Search open units by parts of the name, one character or more; words with a space between must all occur.

    The whole name comes first, then names that begin with the text, then the higher level, then pinyin.
    """
    parts = words.lower().split()
    if not parts:
        return []
    whole = "".join(parts)
    found = select(OrgUnit.id).where(
        _characters().op("@>")(func.string_to_array(whole, null())),
        *(func.strpos(func.lower(OrgUnit.name), part) > 0 for part in parts),
        open_clause(today()),
        scope.clause(OrgUnit.path),
    )
    # Materialised: with LIMIT in sight the planner would walk another index and test each name on the way.
    matches = found.cte("matches").prefix_with("MATERIALIZED", dialect="postgresql")
    name = func.lower(OrgUnit.name)
    rank = case({level: level.rank for level in Level}, value=OrgUnit.level)
    return session.scalars(
        select(OrgUnit)
        .join(matches, matches.c.id == OrgUnit.id)
        .order_by((name == whole).desc(), func.starts_with(name, parts[0]).desc(), rank, OrgUnit.name_sort)
        .limit(limit)
    ).all()


def list_path_names(session: Session, units: Collection[OrgUnit]) -> dict[UUID, str]:
    """Say where many units stand, as `path_names` does for one."""
    wanted = {path for unit in units for path in lineage(unit.path)}
    rows = session.execute(select(OrgUnit.path, OrgUnit.name).where(OrgUnit.path.in_(wanted)))
    names = {row.path: row.name for row in rows}
    return {
        unit.id: PATH_SIGN.join(names[path] for path in lineage(unit.path)[1:]) or names[unit.path] for unit in units
    }


def path_names(session: Session, unit: OrgUnit) -> str:
    """Say where a unit stands: `陕西省 › 西安市 › 雁塔区`; the ministry is named only for itself."""
    return list_path_names(session, [unit])[unit.id]


def _subtree(scope: Scope, path: str, level: Level | None) -> ColumnElement[bool]:
    inside = and_(subtree_clause(path), scope.clause(OrgUnit.path))
    return inside if level is None else and_(inside, OrgUnit.level == level)


def _characters() -> ColumnElement[list[str]]:
    """Spell the expression of the name index exactly as the index has it."""
    return literal_column("string_to_array(lower(org_unit.name), NULL::text)")
