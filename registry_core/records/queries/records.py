"""Reads of records, each limited to what the actor reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, cast, func, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import SQLCoreOperations

from registry_core.access.actors import Actor, Scope, visible_units
from registry_core.access.models import Role
from registry_core.accounts.models import Account
from registry_core.orgs import queries as orgs
from registry_core.orgs.errors import UnitNotFound
from registry_core.orgs.models import CodeScheme, Level, OrgUnit, UnitKind
from registry_core.records.errors import NoSuchRecordHere, RecordNotFound
from registry_core.records.models import Entity, RecordChange, UnitRecord
from registry_core.records.policies import (
    EDIT_RECORDS,
    OF_ENTITY,
    UNIT_ENTITIES,
    VIEW_RECORDS,
    entities_of,
    guess_kind,
)
from registry_core.records.queries.duties import Division, Duties

COUNTED = (UnitKind.AUTHORITY, UnitKind.SCHOOL)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where somebody works on records: below the own units, and at the schools that the own centre school manages.

    With `schools`, the own ones, the departments right over them belong to it too: where the rules let schools enter
    their department's data.
    """

    scope: Scope
    centres: frozenset[UUID]
    schools: frozenset[UUID] = frozenset()

    def clause(self, column: SQLCoreOperations[str]) -> ColumnElement[bool]:
        """Limit a query of units."""
        over = select(OrgUnit.parent_id).where(OrgUnit.id.in_(self.schools))
        clauses = [self.scope.clause(column)]
        clauses += [OrgUnit.managed_by_id.in_(self.centres)] if self.centres else []
        clauses += [OrgUnit.id.in_(over.scalar_subquery())] if self.schools else []
        return or_(*clauses)

    def covers(self, unit: OrgUnit) -> bool:
        """Say whether a unit lies within, departments over the own schools aside."""
        return self.scope.covers(unit.path) or unit.managed_by_id in self.centres


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of a field with the names of who made it and who checked it."""

    change: RecordChange
    by: str
    checked_by: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit, its own record if it has one, and how many of those below are complete."""

    unit: OrgUnit
    record: UnitRecord | None
    below: int
    complete_below: int

    @property
    def has_gaps(self) -> bool:
        """Say whether anything is missing here or below."""
        return self.record is None or self.record.gaps > 0 or self.complete_below < self.below


def get_unit(session: Session, actor: Actor, permission: str, unit_id: UUID, entity: Entity) -> OrgUnit:
    """Get a unit that the actor reaches, provided that it can have such a record.

    Raises UnitNotFound, NoSuchRecordHere.
    """
    reach = reach_of(actor, permission, with_departments=True)
    unit = orgs.get_unit(session, reach, unit_id)
    if not reach.covers(unit) and not _is_entered_from_below(session, unit, entity):
        raise UnitNotFound
    if entity not in entities_of(unit):
        raise NoSuchRecordHere
    return unit


def reach_of(actor: Actor, permission: str, *, with_departments: bool = False) -> Reach:
    """Say where somebody works on records with a permission; if wished with the departments over the own schools."""
    held = actor.carrying(permission)
    centres = frozenset(one.unit_id for one in held if one.role is Role.CENTRE_SCHOOL_ADMINISTRATOR)
    schools = frozenset(one.unit_id for one in held if with_departments and one.unit_level is Level.SCHOOL)
    return Reach(visible_units(actor, permission), centres, schools)


def may_enter(actor: Actor, unit: OrgUnit, division: Division | None) -> bool:
    """Say whether somebody may enter data about a unit: by the division of duties, or by the reach alone without one.

    What departments above may enter themselves, the division says; the schools below a department enter its data
    where it says so.
    """
    held = actor.carrying(EDIT_RECORDS)
    if division is None:
        return reach_of(actor, EDIT_RECORDS).covers(unit)
    return any(
        one.role in division.entered_by
        and (
            one.unit_id == unit.id
            or (one.role is Role.CENTRE_SCHOOL_ADMINISTRATOR and one.unit_id == unit.managed_by_id)
            or (division.departments_enter and unit.path.startswith(one.unit_path))
            or (division.from_below and one.unit_level is Level.SCHOOL and one.unit_path.startswith(unit.path))
        )
        for one in held
    )


def _is_entered_from_below(session: Session, unit: OrgUnit, entity: Entity) -> bool:
    division = Duties(session).of_record(unit, entity) if unit.level is not Level.SCHOOL else None
    return division is not None and division.from_below


@dataclass(frozen=True, slots=True)
class Fitting:
    """The records of a unit: those that fit it, and those that would only if it were of the other kind."""

    fitting: tuple[Entity, ...]
    doubtful: tuple[Entity, ...] = ()


def find_fitting(session: Session, unit: OrgUnit) -> Fitting:
    """Say which records fit a unit: a school's by the class in its code, else by its name and what has been begun.

    What has been begun is never left out. Without a code the records of the less likely kind are doubtful.
    """
    if unit.level is not Level.SCHOOL:
        return Fitting(entities_of(unit))
    begun = {OF_ENTITY[entity] for entity in _list_begun(session, unit)}
    code = orgs.find_code(session, unit.id, CodeScheme.SCHOOL_CODE)
    by_name_or_code = guess_kind(code, unit.name)
    shown = begun | {by_name_or_code} if code or not begun else begun
    rest = tuple(entity for entity in entities_of(unit) if OF_ENTITY[entity] not in shown)
    fitting = tuple(entity for entity in entities_of(unit) if OF_ENTITY[entity] in shown)
    return Fitting(fitting, () if code else rest)


def _list_begun(session: Session, unit: OrgUnit) -> Sequence[Entity]:
    return session.scalars(
        select(UnitRecord.entity).where(UnitRecord.unit_id == unit.id, UnitRecord.version > 1).distinct()
    ).all()


def find_record(session: Session, unit: OrgUnit, entity: Entity) -> UnitRecord | None:
    """Find the one record of a unit; None while nobody has begun it."""
    return session.scalar(select(UnitRecord).where(UnitRecord.unit_id == unit.id, UnitRecord.entity == entity))


def get_record(session: Session, actor: Actor, permission: str, record_id: UUID) -> tuple[UnitRecord, OrgUnit]:
    """Get a record by its identifier, with its unit.

    Raises RecordNotFound.
    """
    reach = reach_of(actor, permission, with_departments=True)
    row = session.execute(
        select(UnitRecord, OrgUnit)
        .join(OrgUnit, OrgUnit.id == UnitRecord.unit_id)
        .where(UnitRecord.id == record_id, reach.clause(OrgUnit.path))
    ).first()
    if row is None:
        raise RecordNotFound
    record, unit = row
    if not reach.covers(unit) and not _is_entered_from_below(session, unit, record.entity):
        raise RecordNotFound
    return record, unit


def list_teachers(session: Session, unit: OrgUnit, entity: Entity) -> Sequence[UnitRecord]:
    """List the teachers of a unit, first come first; those who have left, and who still wait for a check, are not."""
    return session.scalars(
        select(UnitRecord)
        .where(UnitRecord.unit_id == unit.id, UnitRecord.entity == entity, UnitRecord.left_at.is_(None))
        .where(UnitRecord.version > 1)
        .order_by(UnitRecord.id)
    ).all()


def list_changes(session: Session, record: UnitRecord, *, field: str | None = None, after: int = 0) -> list[Changed]:
    """List what has changed about a record, latest first; if wished of one field, or after a version."""
    checker = aliased(Account)
    query = (
        select(RecordChange, Account.name, checker.name)
        .join(Account, Account.id == RecordChange.changed_by_id)
        .join(checker, checker.id == RecordChange.checked_by_id, isouter=True)
        .where(RecordChange.record_id == record.id, RecordChange.version > after)
        .order_by(RecordChange.version.desc(), RecordChange.field)
    )
    rows = session.execute(query if field is None else query.where(RecordChange.field == field))
    return [Changed(change, name, checked_by or "") for change, name, checked_by in rows]


def values_at(record: UnitRecord, later: Sequence[Changed]) -> dict[str, Any]:
    """Say what a record held before the changes, which are given latest first."""
    values = dict(record.values)
    for one in later:
        values[one.change.field] = one.change.old
    return values


def list_standings(session: Session, unit: OrgUnit, actor: Actor, permission: str) -> list[Standing]:
    """List the units directly below a unit with their records, and how complete those below them are."""
    children = orgs.list_children(session, visible_units(actor, permission), unit.id)
    records = find_records(session, [child.id for child in children])
    counts = _count_below(session, unit)
    return [Standing(child, records.get(child.id), *counts.get(child.number, (0, 0))) for child in children]


def find_records(session: Session, unit_ids: Sequence[UUID]) -> Mapping[UUID, UnitRecord]:
    """Find the record of each unit; of a school's and a kindergarten's at one unit the more complete one."""
    found = session.scalars(
        select(UnitRecord)
        .where(UnitRecord.unit_id.in_(unit_ids), UnitRecord.entity.in_(UNIT_ENTITIES))
        .order_by(UnitRecord.gaps.desc(), UnitRecord.entity)
    )
    return {record.unit_id: record for record in found}


def list_below(
    session: Session, unit: OrgUnit, actor: Actor, entity: Entity, *, limit: int
) -> list[tuple[OrgUnit, UnitRecord | None]]:
    """List a unit and those below that can have such a record, each with it; of a unit's teachers each has a row.

    Gives at most one more than `limit`, so that the caller sees that there are more.
    """
    kinds = (UnitKind.AUTHORITY,) if entity is Entity.SUPERVISING_UNIT else (UnitKind.SCHOOL, UnitKind.TEACHING_POINT)
    scope = visible_units(actor, VIEW_RECORDS)
    query = (
        select(OrgUnit, UnitRecord)
        .join(
            UnitRecord,
            (UnitRecord.unit_id == OrgUnit.id)
            & (UnitRecord.entity == entity)
            & UnitRecord.left_at.is_(None)
            & (UnitRecord.version > 1),
            isouter=True,
        )
        .where(orgs.subtree_clause(unit.path), scope.clause(OrgUnit.path))
        .where(OrgUnit.kind.in_(kinds), or_(orgs.open_clause(orgs.today()), UnitRecord.id.is_not(None)))
        .order_by(OrgUnit.path, UnitRecord.id)
        .limit(limit + 1)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _count_below(session: Session, unit: OrgUnit) -> dict[int, tuple[int, int]]:
    """Count, for each unit directly below, the units under it and those whose record is complete; in one pass."""
    child = cast(func.split_part(func.substr(OrgUnit.path, len(unit.path) + 1), "/", 1), Integer)
    complete = (
        select(UnitRecord.id)
        .where(UnitRecord.unit_id == OrgUnit.id, UnitRecord.gaps == 0, UnitRecord.entity.in_(UNIT_ENTITIES))
        .exists()
    )
    rows = session.execute(
        select(child, func.count(), func.count().filter(complete))
        .where(orgs.subtree_clause(unit.path), OrgUnit.parent_id != unit.id, OrgUnit.id != unit.id)
        .where(OrgUnit.kind.in_(COUNTED), orgs.open_clause(orgs.today()))
        .group_by(child)
    )
    return {number: (below, done) for number, below, done in rows}
