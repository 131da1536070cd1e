"""Writing a record: what two people change at a time is put together, and where it clashes the second is asked.

What people save comes through `entering`, which knows whether it has to be checked first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.audit import services as audit
from registry_core.audit.values import Change, Changes, FieldClass, Subject, compare
from registry_core.db import new_id
from registry_core.orgs.models import OrgUnit
from registry_core.records import queries
from registry_core.records.definitions import fields_of
from registry_core.records.errors import Clash, RecordChangedMeanwhile
from registry_core.records.models import (
    OPEN_ENTRIES,
    TEACHERS,
    EnteredChange,
    Entity,
    EntryState,
    RecordChange,
    UnitRecord,
)
from registry_core.records.queries import Changed
from registry_core.records.values import Value, count_gaps

# Spelled out: with parameters in its place PostgreSQL no longer finds the index once the statement has a generic plan,
# which is after some ten rows of a file.
_OF_UNITS = text("entity NOT IN ('kg_teacher', 'school_teacher')")


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody typed into a form (or a row of a file), and the version of the record that they saw: 0 for none.

    `revision` is that of the own entered change that the form showed along with it: 0 for none.
    """

    values: Mapping[str, Value]
    version: int
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved record: which fields the person changed, and what others had changed meanwhile and was kept.

    `waiting` is the entered change that now waits for its check; without one it has taken effect.
    """

    record: UnitRecord
    changed: tuple[str, ...]
    kept: tuple[Changed, ...]
    waiting: EnteredChange | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What somebody wants to change about a record as it stands, and what of others stays."""

    values: dict[str, Value]
    kept: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """Under whose names a change takes effect: who entered it, and who checked it if anybody had to."""

    entered_by_id: UUID
    checked_by_id: UUID | None = None
    entered_by: str = ""


def begin_record(session: Session, unit: OrgUnit, entity: Entity) -> UnitRecord:
    """Hold the one record of a unit, made empty where there is none; two people who begin it at a time get the same."""
    session.execute(
        insert(UnitRecord)
        .values(_empty(unit, entity))
        .on_conflict_do_nothing(index_elements=["unit_id", "entity"], index_where=_OF_UNITS)
    )
    query = select(UnitRecord).where(UnitRecord.unit_id == unit.id, UnitRecord.entity == entity)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def begin_teacher(session: Session, unit: OrgUnit, entity: Entity) -> UnitRecord:
    """Make an empty record of a teacher."""
    record = UnitRecord(**_empty(unit, entity))
    session.add(record)
    session.flush()
    return record


def settle(session: Session, record: UnitRecord, edit: Edit) -> Settled:
    """Say what somebody wants to change about a record that is held, since the version that they saw.

    Raises RecordChangedMeanwhile.
    """
    later = queries.list_changes(session, record, after=edit.version)
    seen = queries.values_at(record, later)
    wanted = {name: value for name, value in edit.values.items() if value != seen.get(name)}
    _require_no_clash(record, wanted, later)
    kept = {one.change.field: one for one in reversed(later) if one.change.field not in wanted}
    changed = {name: value for name, value in wanted.items() if value != record.values.get(name)}
    return Settled(changed, tuple(kept.values()))


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


def write(
    session: Session, actor: Actor, unit: OrgUnit, record: UnitRecord, changed: Mapping[str, Value], *, signed: Signed
) -> None:
    """Let values of a record that is held take effect, with the history of each field."""
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
            changed_by_id=signed.entered_by_id,
            changed_at=record.changed_at,
            checked_by_id=signed.checked_by_id,
        )
        for name, value in changed.items()
    )
    session.flush()
    classes = {name: field.field_class for name, field in fields.items()}
    about, changes = subject(unit, record), {**compare(before, after, classes), **_entered_by(signed)}
    is_checked = signed.checked_by_id is not None
    audit.note(session, actor, "records.checked" if is_checked else "records.saved", about=about, changes=changes)


def leave(session: Session, actor: Actor, unit: OrgUnit, record: UnitRecord, *, signed: Signed) -> None:
    """Take a teacher off the list of a unit; the record and its history stay, and what waited about it is given up."""
    record.leave(clock.now())
    session.execute(
        update(EnteredChange)
        .where(EnteredChange.record_id == record.id, EnteredChange.state.in_(OPEN_ENTRIES))
        .values(
            state=EntryState.WITHDRAWN, decided_at=record.left_at, decided_by_id=None, decided_for_id=None, reason=""
        )
    )
    session.flush()
    about = subject(unit, record)
    audit.note(session, actor, "records.teacher.left", about=about, changes=_entered_by(signed))


def subject(unit: OrgUnit, record: UnitRecord) -> Subject:
    """Name a record for the audit trail; a teacher without the name."""
    if record.entity in TEACHERS:
        return Subject("teacher", record.id, unit.id)
    return Subject("unit", unit.id, unit.id, unit.name)


def _entered_by(signed: Signed) -> Changes:
    """Name who entered what somebody else has checked: the trail carries both."""
    if signed.checked_by_id is None:
        return {}
    return {"entered_by": Change(None, signed.entered_by, FieldClass.INTERNAL)}


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
