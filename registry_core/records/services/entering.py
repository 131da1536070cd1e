"""What people save: it takes effect at once, or waits for the check that the rules ask for (谁录入谁不核对)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.audit import services as audit
from registry_core.audit.values import compare
from registry_core.db import new_id
from registry_core.orgs.models import OrgUnit
from registry_core.records import queries
from registry_core.records.definitions import fields_of
from registry_core.records.errors import EntryNotFound, NotYoursToEnter, RecordNotFound
from registry_core.records.models import TEACHERS, EnteredChange, Entity, EntryAct, EntryState, UnitRecord
from registry_core.records.policies import EDIT_RECORDS, acting_ids
from registry_core.records.queries.duties import Division, Duties
from registry_core.records.services.saving import (
    Edit,
    Saved,
    Settled,
    Signed,
    begin_record,
    begin_teacher,
    leave,
    settle,
    subject,
    write,
)
from registry_core.records.values import Value


def save_record(session: Session, actor: Actor, unit_id: UUID, entity: Entity, edit: Edit) -> Saved:
    """Save the one record of a unit, which begins with its first save. Source: file 002, articles 7 and 8.

    Fields that others changed meanwhile stay as they made them unless the person changed them too.
    Raises UnitNotFound, NoSuchRecordHere, NotYoursToEnter, RecordChangedMeanwhile.
    """
    unit = queries.get_unit(session, actor, EDIT_RECORDS, unit_id, entity)
    return save(session, actor, unit, begin_record(session, unit, entity), edit, duties=Duties(session))


def add_teacher(session: Session, actor: Actor, unit_id: UUID, entity: Entity, values: Mapping[str, Value]) -> Saved:
    """Put a teacher of a school or kindergarten on record.

    Raises UnitNotFound, NoSuchRecordHere, NotYoursToEnter.
    """
    unit = queries.get_unit(session, actor, EDIT_RECORDS, unit_id, entity)
    return save(session, actor, unit, begin_teacher(session, unit, entity), Edit(values, 1), duties=Duties(session))


def save_teacher(session: Session, actor: Actor, record_id: UUID, edit: Edit) -> Saved:
    """Save a teacher's record.

    Raises RecordNotFound, NotYoursToEnter, RecordChangedMeanwhile.
    """
    record, unit = _hold_teacher(session, actor, record_id)
    return save(session, actor, unit, record, edit, duties=Duties(session))


def let_teacher_leave(session: Session, actor: Actor, record_id: UUID) -> EnteredChange | None:
    """Take a teacher off the list of a unit; the record and its history stay. Return what waits for a check, if it has.

    Raises RecordNotFound, NotYoursToEnter.
    """
    record, unit = _hold_teacher(session, actor, record_id)
    if not record.is_begun:
        raise RecordNotFound
    duties = Duties(session)
    division = _require_may_enter(duties, actor, unit, record.entity)
    if division is None:
        leave(session, actor, unit, record, signed=Signed(actor.account_id))
        return None
    change = queries.find_own_entry(session, actor, record) or _begin(actor, record)
    change.act, change.old, change.new = EntryAct.LEAVE, {}, {}
    return _send(session, actor, change, _Sending(unit, record, division, duties))


def save(session: Session, actor: Actor, unit: OrgUnit, record: UnitRecord, edit: Edit, *, duties: Duties) -> Saved:
    """Change a record that is held, by what the person changed since the version that they saw.

    Raises NotYoursToEnter, RecordChangedMeanwhile.
    """
    division = _require_may_enter(duties, actor, unit, record.entity)
    settled = settle(session, record, edit)
    if division is not None:
        return _enter(session, actor, settled, edit, _Sending(unit, record, division, duties))
    if settled.values:
        write(session, actor, unit, record, settled.values, signed=Signed(actor.account_id))
    return Saved(record, tuple(settled.values), settled.kept)


def withdraw_entry(session: Session, actor: Actor, change_id: UUID) -> EnteredChange:
    """Give up a change of one's own that has not taken effect; it stays on record.

    Raises EntryNotFound.
    """
    change = session.get(EnteredChange, change_id, with_for_update=True, populate_existing=True)
    if change is None or not change.is_open or change.entered_by_id != actor.account_id:
        raise EntryNotFound
    _give_up(change)
    session.flush()
    record, unit = session.get_one(UnitRecord, change.record_id), session.get_one(OrgUnit, change.unit_id)
    audit.note(session, actor, "records.entry.withdrawn", about=subject(unit, record))
    return change


class _Sending:
    """What a change that is sent off is about, and where its check is."""

    def __init__(self, unit: OrgUnit, record: UnitRecord, division: Division, duties: Duties) -> None:
        self.unit = unit
        self.record = record
        self.division = division
        self.duties = duties


def _enter(session: Session, actor: Actor, settled: Settled, edit: Edit, sending: _Sending) -> Saved:
    """Let values wait for their check; what the same person has entered about the record before is one with them."""
    record = sending.record
    change = queries.find_own_entry(session, actor, record)
    values = dict(settled.values)
    if change is not None and change.act is EntryAct.SAVE and edit.revision != change.revision:
        # A form that did not show what waits already (an older page, a file) adds to it and takes nothing back.
        values = {**change.new, **values}
    wanted = {name: value for name, value in values.items() if value != record.values.get(name)}
    if not wanted:
        if change is not None:
            _give_up(change)
            session.flush()
        return Saved(record, (), settled.kept)
    if change is not None and change.state is EntryState.WAITING and change.new == wanted:
        return Saved(record, (), settled.kept, change)
    change = change or _begin(actor, record)
    change.act, change.new = EntryAct.SAVE, wanted
    change.old = {name: record.values.get(name) for name in wanted}
    return Saved(record, tuple(wanted), settled.kept, _send(session, actor, change, sending))


def _begin(actor: Actor, record: UnitRecord) -> EnteredChange:
    return EnteredChange(
        id=new_id(),
        record_id=record.id,
        unit_id=record.unit_id,
        revision=0,
        reason="",
        entered_by_id=actor.account_id,
        entered_for_id=actor.on_behalf_of,
    )


def _send(session: Session, actor: Actor, change: EnteredChange, sending: _Sending) -> EnteredChange:
    record, division = sending.record, sending.division
    desk = sending.duties.find_desk(sending.unit, division, acting_ids(actor))
    change.version = record.version
    change.pack_name, change.clause = division.rule.pack_name, division.rule.clause
    change.wait_at(desk.unit.id, desk.role, named_unit_id=division.checked_at.id)
    change.send(clock.now())
    session.add(change)
    session.flush()
    classes = {name: field.field_class for name, field in fields_of(record.entity).items()}
    changes = compare(change.old, change.new, classes)
    audit.note(session, actor, "records.entered", about=subject(sending.unit, record), changes=changes)
    return change


def _give_up(change: EnteredChange) -> None:
    change.decide(EntryState.WITHDRAWN, clock.now(), by=(None, None))


def _require_may_enter(duties: Duties, actor: Actor, unit: OrgUnit, entity: Entity) -> Division | None:
    division = duties.of_record(unit, entity)
    if division is not None and not queries.may_enter(actor, unit, division):
        raise NotYoursToEnter(division.rule.pack_name, division.rule.clause)
    return division


def _hold_teacher(session: Session, actor: Actor, record_id: UUID) -> tuple[UnitRecord, OrgUnit]:
    record, unit = queries.get_record(session, actor, EDIT_RECORDS, record_id)
    session.refresh(record, with_for_update=True)
    if record.entity not in TEACHERS or record.left_at is not None:
        raise RecordNotFound
    return record, unit
