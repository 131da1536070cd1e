"""Reads of records, each limited to what the actor reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, cast, func, or_, select
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, visible_units
from registry_core.accounts.models import Account
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import OrgUnit, UnitKind
from registry_core.records.errors import NoSuchRecordHere, RecordNotFound
from registry_core.records.models import Entity, RecordChange, UnitRecord
from registry_core.records.policies import UNIT_ENTITIES, VIEW_RECORDS, entities_of

COUNTED = (UnitKind.AUTHORITY, UnitKind.SCHOOL)


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of a field with the name of who made it."""

    change: RecordChange
    by: str


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
    unit = orgs.get_unit(session, visible_units(actor, permission), unit_id)
    if entity not in entities_of(unit):
        raise NoSuchRecordHere
    return unit


def find_record(session: Session, unit: OrgUnit, entity: Entity) -> UnitRecord | None:
    """Find the one record of a unit; None while nobody has begun it."""
    return session.scalar(select(UnitRecord).where(UnitRecord.unit_id == unit.id, UnitRecord.entity == entity))


def get_record(session: Session, actor: Actor, permission: str, record_id: UUID) -> tuple[UnitRecord, OrgUnit]:
    """Get a record by its identifier, with its unit.

    Raises RecordNotFound.
    """
    scope = visible_units(actor, permission)
    row = session.execute(
        select(UnitRecord, OrgUnit)
        .join(OrgUnit, OrgUnit.id == UnitRecord.unit_id)
        .where(UnitRecord.id == record_id, scope.clause(OrgUnit.path))
    ).first()
    if row is None:
        raise RecordNotFound
    return row[0], row[1]


def list_teachers(session: Session, unit: OrgUnit, entity: Entity) -> Sequence[UnitRecord]:
    """List the teachers of a unit, first come first; those who have left are not there."""
    return session.scalars(
        select(UnitRecord)
        .where(UnitRecord.unit_id == unit.id, UnitRecord.entity == entity, UnitRecord.left_at.is_(None))
        .order_by(UnitRecord.id)
    ).all()


def list_changes(session: Session, record: UnitRecord, *, field: str | None = None, after: int = 0) -> list[Changed]:
    """List what has changed about a record, latest first; if wished of one field, or after a version."""
    query = (
        select(RecordChange, Account.name)
        .join(Account, Account.id == RecordChange.changed_by_id)
        .where(RecordChange.record_id == record.id, RecordChange.version > after)
        .order_by(RecordChange.version.desc(), RecordChange.field)
    )
    rows = session.execute(query if field is None else query.where(RecordChange.field == field))
    return [Changed(change, name) for change, name in rows]


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
            (UnitRecord.unit_id == OrgUnit.id) & (UnitRecord.entity == entity) & UnitRecord.left_at.is_(None),
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
