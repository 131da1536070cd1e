"""Importing records from a file: every cell is checked first, and nothing is written before a person has seen it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.orgs.models import OrgUnit
from registry_core.records import queries
from registry_core.records.columns import NAMING_COLUMNS, RECORD_COLUMN, UNIT_COLUMN, find_columns
from registry_core.records.definitions import Field
from registry_core.records.errors import (
    CellFault,
    ImportAppliedAlready,
    ImportNotFound,
    ImportOutdated,
    ImportRefused,
    RecordChangedMeanwhile,
    RecordNotFound,
)
from registry_core.records.models import TEACHERS, Entity, RecordImport, UnitRecord
from registry_core.records.policies import EDIT_RECORDS, entities_of
from registry_core.records.queries.duties import Duties
from registry_core.records.services.entering import save
from registry_core.records.services.saving import Edit, begin_record, begin_teacher
from registry_core.records.values import Value, ValueRefused, parse
from registry_core.sheets import Table


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A checked row: its unit, the record that it changes (none yet: it begins one), and what it changes."""

    row: int
    unit: OrgUnit
    record: UnitRecord | None
    values: Mapping[str, Value]

    @property
    def is_change(self) -> bool:
        """Say whether the row changes anything."""
        return bool(self.changes)

    @property
    def changes(self) -> Mapping[str, Value]:
        """Name the fields that get another value."""
        held = self.record.values if self.record else {}
        return {name: value for name, value in self.values.items() if value != held.get(name)}


@dataclass(frozen=True, slots=True)
class Imported:
    """How many records a file has changed, and of how many the change now waits for its check."""

    changed: int
    waiting: int


def check_import(session: Session, actor: Actor, entity: Entity, table: Table, *, file_name: str) -> RecordImport:
    """Check every cell of a file, and keep it when it is sound. An empty cell changes nothing.

    Raises ImportRefused with every fault.
    """
    columns = _known_columns(entity, table)
    check = _Check(session, actor, entity, table)
    lines = tuple(line for row in table.rows if (line := check.line(row.number, row.cells, columns)))
    if check.faults:
        raise ImportRefused(tuple(check.faults))
    rows = [
        {
            "row": line.row,
            "unit_id": str(line.unit.id),
            "record_id": str(line.record.id) if line.record else None,
            "version": line.record.version if line.record else 0,
            "values": dict(line.values),
        }
        for line in lines
    ]
    batch = RecordImport(
        entity=entity, file_name=file_name[:200], rows=rows, account_id=actor.account_id, created_at=clock.now()
    )
    session.add(batch)
    session.flush()
    return batch


def get_import(session: Session, actor: Actor, import_id: UUID) -> RecordImport:
    """Get a checked file of one's own.

    Raises ImportNotFound.
    """
    batch = session.scalar(
        select(RecordImport).where(RecordImport.id == import_id, RecordImport.account_id == actor.account_id)
    )
    if batch is None:
        raise ImportNotFound
    return batch


def list_lines(session: Session, actor: Actor, batch: RecordImport) -> list[ImportLine]:
    """List what the rows of a checked file would change now, in the file's order, where the actor still may."""
    units = _units_named(session, actor, [row["unit_id"] for row in batch.rows])
    records = _records_of(session, list(units.values()), batch.entity)
    return [
        ImportLine(
            row["row"],
            units[row["unit_id"]],
            records.get((row["record_id"] if batch.entity in TEACHERS else row["unit_id"]) or ""),
            row["values"],
        )
        for row in batch.rows
        if row["unit_id"] in units
    ]


def apply_import(session: Session, actor: Actor, import_id: UUID) -> Imported:
    """Write a checked file, whole or not at all; what the rules want checked by somebody else waits for that.

    Rights, rules and values are those of this moment.
    Raises ImportNotFound, ImportAppliedAlready, ImportOutdated, UnitNotFound, NoSuchRecordHere, NotYoursToEnter,
    RecordNotFound.
    """
    batch = get_import(session, actor, import_id)
    session.refresh(batch, with_for_update=True)
    if batch.applied_at is not None:
        raise ImportAppliedAlready
    duties, saved = Duties(session), []
    # In the order of units, so that two imports never wait for each other.
    for row in sorted(batch.rows, key=lambda row: (row["unit_id"], row["record_id"] or "")):
        unit = queries.get_unit(session, actor, EDIT_RECORDS, UUID(row["unit_id"]), batch.entity)
        record = _hold(session, actor, unit, batch.entity, row["record_id"])
        # Whoever begins a record stands before an empty one: version 0 sees all that came since as somebody else's.
        version = record.version if row["record_id"] is None and batch.entity in TEACHERS else row["version"]
        try:
            saved.append(save(session, actor, unit, record, Edit(row["values"], version), duties=duties))
        except RecordChangedMeanwhile as clash:
            raise ImportOutdated from clash
    batch.apply(clock.now())
    session.flush()
    waiting = sum(one.waiting is not None for one in saved)
    return Imported(sum(bool(one.changed) for one in saved if one.waiting is None), waiting)


def count_to_check(session: Session, lines: Sequence[ImportLine], entity: Entity) -> int:
    """Count the rows whose changes will wait for a check, by the rules of today."""
    duties = Duties(session)
    return sum(line.is_change and duties.of_record(line.unit, entity) is not None for line in lines)


def _hold(session: Session, actor: Actor, unit: OrgUnit, entity: Entity, record_id: str | None) -> UnitRecord:
    if entity not in TEACHERS:
        return begin_record(session, unit, entity)
    if record_id is None:
        return begin_teacher(session, unit, entity)
    record, _unit = queries.get_record(session, actor, EDIT_RECORDS, UUID(record_id))
    session.refresh(record, with_for_update=True)
    if record.left_at is not None:
        raise RecordNotFound
    return record


def _known_columns(entity: Entity, table: Table) -> Mapping[int, Field]:
    """Find the field of each column of the file.

    Raises ImportRefused for columns that nobody knows, that come twice, or that are missing.
    """
    columns, unknown = find_columns(entity, table.header)
    head = 1
    faults = [CellFault(head, name or str(place), _UNKNOWN_COLUMN) for place, name in unknown]
    names = [field.name for field in columns.values()]
    faults += [
        CellFault(head, table.header[place], _l("这一列出现了两次，请只留一列。"))
        for place, field in columns.items()
        if names.count(field.name) > 1
    ]
    if UNIT_COLUMN not in table.header:
        faults.append(CellFault(head, UNIT_COLUMN, _l("缺少这一列，请先导出，在导出的文件里填写。")))
    if faults:
        raise ImportRefused(tuple(faults))
    return columns


class _Check:
    """One check under way: what the rows before have named, and every fault so far."""

    def __init__(self, session: Session, actor: Actor, entity: Entity, table: Table) -> None:
        self.faults: list[CellFault] = []
        self._entity = entity
        self._places = {name: table.header.index(name) for name in NAMING_COLUMNS if name in table.header}
        self._seen: set[str] = set()
        self._units = _units_named(session, actor, self._column(table, UNIT_COLUMN))
        self._records = _records_of(session, list(self._units.values()), entity)

    def line(self, row: int, cells: Sequence[str], columns: Mapping[int, Field]) -> ImportLine | None:
        """Check one row; a row with a fault gives none."""
        before = len(self.faults)
        unit = self._unit(row, self._cell(cells, UNIT_COLUMN))
        record = self._record(row, unit, self._cell(cells, RECORD_COLUMN)) if unit else None
        values = {
            field.name: value
            for place, field in columns.items()
            if (value := self._value(row, field, cells[place])) is not None
        }
        if unit is None or len(self.faults) > before:
            return None
        return ImportLine(row, unit, record, values)

    def _unit(self, row: int, named: str) -> OrgUnit | None:
        unit = self._units.get(named)
        if unit is None:
            self._fault(row, UNIT_COLUMN, _l("没有这个单位，或不在您的管理范围内。请不要改动导出文件里的单位编号。"))
        elif self._entity not in entities_of(unit):
            self._fault(row, UNIT_COLUMN, _l("这个单位没有这种档案。"))
        elif self._entity not in TEACHERS and named in self._seen:
            self._fault(row, UNIT_COLUMN, _l("这个单位在前面的行里已经出现过，请只留一行。"))
        self._seen.add(named)
        return unit

    def _record(self, row: int, unit: OrgUnit, named: str) -> UnitRecord | None:
        if self._entity not in TEACHERS:
            return self._records.get(str(unit.id))
        if not named:
            return None
        record = self._records.get(named)
        if record is None or record.unit_id != unit.id:
            self._fault(row, RECORD_COLUMN, _l("这个单位没有这位教师的档案；新增教师请留空。"))
        elif named in self._seen:
            self._fault(row, RECORD_COLUMN, _l("这位教师在前面的行里已经出现过，请只留一行。"))
        self._seen.add(named)
        return record

    def _value(self, row: int, field: Field, text: str) -> Value:
        try:
            return parse(field, text)
        except ValueRefused as refusal:
            self._fault(row, field.label_zh, refusal.text)
            return None

    def _fault(self, row: int, column: str, reason: LazyString | str) -> None:
        self.faults.append(CellFault(row, column, reason))

    def _cell(self, cells: Sequence[str], column: str) -> str:
        place = self._places.get(column)
        return "" if place is None else cells[place]

    def _column(self, table: Table, column: str) -> list[str]:
        return [self._cell(row.cells, column) for row in table.rows]


def _units_named(session: Session, actor: Actor, named: Sequence[str]) -> dict[str, OrgUnit]:
    scope = queries.reach_of(actor, EDIT_RECORDS)
    wanted = [UUID(text) for text in {*named} if _is_identifier(text)]
    found = session.scalars(select(OrgUnit).where(OrgUnit.id.in_(wanted), scope.clause(OrgUnit.path)))
    return {str(unit.id): unit for unit in found}


def _records_of(session: Session, units: Sequence[OrgUnit], entity: Entity) -> dict[str, UnitRecord]:
    """Find the records of units: a teacher's under its own identifier, another's under its unit's."""
    found = session.scalars(
        select(UnitRecord).where(
            UnitRecord.unit_id.in_([unit.id for unit in units]),
            UnitRecord.entity == entity,
            UnitRecord.left_at.is_(None),
        )
    )
    return {str(record.id if entity in TEACHERS else record.unit_id): record for record in found}


def _is_identifier(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


_UNKNOWN_COLUMN = _l("不认识这一列，请删去或改成导出文件里的列名。")
