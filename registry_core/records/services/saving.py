"""Saving a record: what two people change at a time is put together, and where it clashes the second is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.audit import services as audit
from registry_core.audit.values import Subject, compare
from registry_core.db import new_id
from registry_core.orgs.models import OrgUnit
from registry_core.records import queries
from registry_core.records.definitions import fields_of
from registry_core.records.errors import Clash, RecordChangedMeanwhile, RecordNotFound
from registry_core.records.models import TEACHERS, Entity, RecordChange, UnitRecord
from registry_core.records.policies import EDIT_RECORDS
from registry_core.records.queries import Changed
from registry_core.records.values import Value, count_gaps


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody typed into a form (or a row of a file), and the version of the record that they saw: 0 for none."""

    values: Mapping[str, Value]
    version: int


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved record: which fields the person changed, and what others had changed meanwhile and was kept."""

    record: UnitRecord
    changed: tuple[str, ...]
    kept: tuple[Changed, ...]


def save_record(session: Session, actor: Actor, unit_id: UUID, entity: Entity, edit: Edit) -> Saved:
    """Save the one record of a unit, which begins with its first save. Source: file 002, articles 7 and 8.

    Fields that others changed meanwhile stay as they made them unless the person changed them too.
    Raises UnitNotFound, NoSuchRecordHere, RecordChangedMeanwhile.
    """
    unit = queries.get_unit(session, actor, EDIT_RECORDS, unit_id, entity)
    return save(session, actor, unit, begin_record(session, unit, entity), edit)


def add_teacher(session: Session, actor: Actor, unit_id: UUID, entity: Entity, values: Mapping[str, Value]) -> Saved:
    """Put a teacher of a school or kindergarten on record.

    Raises UnitNotFound, NoSuchRecordHere.
    """
    unit = queries.get_unit(session, actor, EDIT_RECORDS, unit_id, entity)
    return save(session, actor, unit, begin_teacher(session, unit, entity), Edit(values, 1))


def save_teacher(session: Session, actor: Actor, record_id: UUID, edit: Edit) -> Saved:
    """Save a teacher's record.

    Raises RecordNotFound, RecordChangedMeanwhile.
    """
    record, unit = _get_teacher(session, actor, record_id)
    return save(session, actor, unit, record, edit)


def let_teacher_leave(session: Session, actor: Actor, record_id: UUID) -> UnitRecord:
    """Take a teacher off the list of a unit; the record and its history stay.

    Raises RecordNotFound.
    """
    record, unit = _get_teacher(session, actor, record_id)
    record.leave(clock.now())
    session.flush()
    audit.note(session, actor, "records.teacher.left", about=Subject("teacher", record.id, unit.id))
    return record


def begin_record(session: Session, unit: OrgUnit, entity: Entity) -> UnitRecord:
    """Hold the one record of a unit, made empty where there is none; two people who begin it at a time get the same."""
    session.execute(
        insert(UnitRecord)
        .values(_empty(unit, entity))
        .on_conflict_do_nothing(
            index_elements=["unit_id", "entity"], index_where=UnitRecord.entity.not_in(sorted(TEACHERS))
        )
    )
    query = select(UnitRecord).where(UnitRecord.unit_id == unit.id, UnitRecord.entity == entity)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def begin_teacher(session: Session, unit: OrgUnit, entity: Entity) -> UnitRecord:
    """Make an empty record of a teacher."""
    record = UnitRecord(**_empty(unit, entity))
    session.add(record)
    session.flush()
    return record


def save(session: Session, actor: Actor, unit: OrgUnit, record: UnitRecord, edit: Edit) -> Saved:
    """Change a record that is held, by what the person changed since the version that they saw.

    Raises RecordChangedMeanwhile.
    """
    later = queries.list_changes(session, record, after=edit.version)
    seen = queries.values_at(record, later)
    wanted = {name: value for name, value in edit.values.items() if value != seen.get(name)}
    _require_no_clash(record, wanted, later)
    changed = {name: value for name, value in wanted.items() if value != record.values.get(name)}
    if changed:
        _change(session, actor, unit, record, changed)
    kept = {one.change.field: one for one in reversed(later) if one.change.field not in wanted}
    return Saved(record, tuple(changed), tuple(kept.values()))


def _get_teacher(session: Session, actor: Actor, record_id: UUID) -> tuple[UnitRecord, OrgUnit]:
    record, unit = queries.get_record(session, actor, EDIT_RECORDS, record_id)
    session.refresh(record, with_for_update=True)
    if record.entity not in TEACHERS or record.left_at is not None:
        raise RecordNotFound
    return record, unit


def _require_no_clash(record: UnitRecord, wanted: Mapping[str, Value], later: list[Changed]) -> None:
    fields = fields_of(record.entity)
    latest = {one.change.field: one for one in reversed(later)}
    clashes = tuple(
        Clash(fields[name], record.values.get(name), latest[name].by, latest[name].change.changed_at)
        for name, value in wanted.items()
        if name in latest and value != record.values.get(name)
    )
    if clashes:
        raise RecordChangedMeanwhile(clashes, {**record.values, **wanted}, record.version)


def _change(session: Session, actor: Actor, unit: OrgUnit, record: UnitRecord, changed: Mapping[str, Value]) -> None:
    fields = fields_of(record.entity)
    before = dict(record.values)
    after = {name: value for name, value in {**before, **changed}.items() if value is not None}
    record.take(after, gaps=count_gaps(fields, after), at=clock.now())
    session.add_all(
        RecordChange(
            record_id=record.id,
            version=record.version,
            field=name,
            old=before.get(name),
            new=value,
            changed_by_id=actor.account_id,
            changed_at=record.changed_at,
        )
        for name, value in changed.items()
    )
    session.flush()
    classes = {name: field.field_class for name, field in fields.items()}
    audit.note(session, actor, "records.saved", about=subject(unit, record), changes=compare(before, after, classes))


def subject(unit: OrgUnit, record: UnitRecord) -> Subject:
    """Name a record for the audit trail; a teacher without the name."""
    if record.entity in TEACHERS:
        return Subject("teacher", record.id, unit.id)
    return Subject("unit", unit.id, unit.id, unit.name)


def _empty(unit: OrgUnit, entity: Entity) -> dict[str, object]:
    now = clock.now()
    return {
        "id": new_id(),
        "unit_id": unit.id,
        "entity": entity,
        "values": {},
        "gaps": count_gaps(fields_of(entity), {}),
        "version": 1,
        "created_at": now,
        "changed_at": now,
    }
