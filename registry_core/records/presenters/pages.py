"""What the pages of records show: frozen values with their words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from registry_core.audit.values import FieldClass
from registry_core.orgs.models import Level, OrgUnit
from registry_core.records.code_tables import REGIONS
from registry_core.records.definitions import Field, FieldType, Group, fields_of
from registry_core.records.errors import CellFault, Clash
from registry_core.records.models import Entity, UnitRecord
from registry_core.records.presenters.labels import CLASSES, ENTITIES, GROUPS, field_label, help_of
from registry_core.records.queries import Changed, Standing
from registry_core.records.services import ImportLine
from registry_core.records.values import Value, label_of, write


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field of a record as it is shown; `is_missing` if the record is not complete without it."""

    name: str
    label: str
    text: str
    class_label: str
    is_missing: bool


@dataclass(frozen=True, slots=True)
class GroupView:
    """The fields under one heading."""

    label: str
    rows: tuple[FieldRow, ...]


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of one field; without `checked_by` nobody had to check it."""

    old: str
    new: str
    by: str
    checked_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ClashRow:
    """A field that somebody else changed meanwhile."""

    label: str
    theirs: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A unit in the list of gaps."""

    unit_id: str
    name: str
    entity: str
    tone: str
    state: str
    below: int
    complete_below: int
    is_department: bool


@dataclass(frozen=True, slots=True)
class TeacherRow:
    """A teacher in the list of a unit."""

    id: str
    name: str
    post: str
    tone: str
    state: str


@dataclass(frozen=True, slots=True)
class FaultRow:
    """What is wrong with a cell of a file."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What a row of a file will do."""

    row: int
    unit_name: str
    is_new: bool
    changes: tuple[str, ...]


def entity_label(entity: Entity) -> str:
    """Name an entity in the reader's language."""
    return str(ENTITIES[entity])


def group_fields(entity: Entity) -> tuple[tuple[Group, tuple[Field, ...]], ...]:
    """Put the fields of an entity under their headings; within each they keep the order of their source."""
    fields = fields_of(entity).values()
    used = {field.group for field in fields}
    return tuple((group, tuple(field for field in fields if field.group is group)) for group in Group if group in used)


def group_label(group: Group) -> str:
    """Name a heading in the reader's language."""
    return str(GROUPS[group])


@dataclass(frozen=True, slots=True)
class FormRow:
    """A field of a form: which control it has, and how it is filled in."""

    name: str
    label: str
    control: str
    is_required: bool
    help: str


@dataclass(frozen=True, slots=True)
class FormGroup:
    """The fields of a form under one heading."""

    label: str
    rows: tuple[FormRow, ...]


def form_groups(entity: Entity) -> tuple[FormGroup, ...]:
    """Put the fields of an entity's form under their headings."""
    return tuple(
        FormGroup(
            group_label(group),
            tuple(
                FormRow(field.name, field_label(field), _control(field), field.is_required, help_of(field))
                for field in fields
            ),
        )
        for group, fields in group_fields(entity)
    )


def present_record(
    entity: Entity, values: Mapping[str, Any], *, hidden: frozenset[str] = frozenset()
) -> tuple[GroupView, ...]:
    """Show a record under its headings, without the fields that the reader may not see."""
    shown = [(group, [field for field in fields if field.name not in hidden]) for group, fields in group_fields(entity)]
    return tuple(
        GroupView(group_label(group), tuple(_row(field, values.get(field.name)) for field in fields))
        for group, fields in shown
        if fields
    )


def present_history(field: Field, changes: Sequence[Changed]) -> tuple[HistoryRow, ...]:
    """Show what a field has been, latest first."""
    return tuple(
        HistoryRow(
            say(field, one.change.old), say(field, one.change.new), one.by, one.checked_by, one.change.changed_at
        )
        for one in changes
    )


def present_clashes(clashes: Sequence[Clash]) -> tuple[ClashRow, ...]:
    """Show what others made of the fields that the reader has changed too."""
    return tuple(
        ClashRow(field_label(clash.field), say(clash.field, clash.theirs), clash.by, clash.at) for clash in clashes
    )


def present_standing(standing: Standing) -> StandingRow:
    """Show how complete a unit is, and those below it."""
    unit, record = standing.unit, standing.record
    entity = record.entity if record else _main_entity(unit)
    tone, state = _state(record)
    return StandingRow(
        str(unit.id),
        unit.name,
        entity.value,
        tone,
        state,
        standing.below,
        standing.complete_below,
        unit.level is not Level.SCHOOL,
    )


def present_teacher(record: UnitRecord) -> TeacherRow:
    """Show a teacher in a list."""
    tone, state = _state(record)
    post = fields_of(record.entity)["post"]
    name = record.values.get("name") or _("（还没有姓名）")
    return TeacherRow(str(record.id), name, say(post, record.values.get("post")), tone, state)


def present_faults(faults: Sequence[CellFault], *, limit: int = 200) -> tuple[FaultRow, ...]:
    """Show the faults of a file, the first ones if they are many."""
    return tuple(FaultRow(fault.row, fault.column, str(fault.reason)) for fault in faults[:limit])


def present_preview(entity: Entity, lines: Sequence[ImportLine], *, limit: int = 50) -> tuple[PreviewRow, ...]:
    """Show what the rows of a file will change, the first ones if they are many."""
    changing = [line for line in lines if line.is_change]
    fields = fields_of(entity)
    return tuple(
        PreviewRow(
            line.row,
            line.unit.name,
            line.record is None,
            tuple(
                _change(fields[name], line.record.values.get(name) if line.record else None, value)
                for name, value in line.changes.items()
            ),
        )
        for line in changing[:limit]
    )


def present_kept(kept: Sequence[Changed], entity: Entity) -> str:
    """Name what others changed meanwhile and was kept."""
    fields = fields_of(entity)
    return _("、").join(field_label(fields[one.change.field]) for one in kept)


def hidden_fields(entity: Entity, *, may_edit: bool) -> frozenset[str]:
    """Name the fields that only those see who keep the record: the sensitive ones."""
    if may_edit:
        return frozenset()
    return names_of(entity, {FieldClass.SENSITIVE})


def names_of(entity: Entity, classes: Collection[FieldClass]) -> frozenset[str]:
    """Name the fields of some classes."""
    return frozenset(name for name, field in fields_of(entity).items() if field.field_class in classes)


def say(field: Field, value: Value) -> str:
    """Say a value as a reader wants it: a code by its label."""
    if value is None:
        return ""
    if field.has_codes:
        zh, en = label_of(field, str(value))
        return f"{en if str(get_locale()) == 'en' else zh}（{value}）"
    if isinstance(value, list):
        return _("、").join(map(str, value))
    return write(value)


def _control(field: Field) -> str:
    if field.has_codes and field.code_table != REGIONS:
        return "select"
    return "area" if field.type is FieldType.TEXT else "line"


def _row(field: Field, value: Value) -> FieldRow:
    missing = field.is_required and value is None
    return FieldRow(field.name, field_label(field), say(field, value), str(CLASSES[field.field_class]), missing)


def _change(field: Field, old: Value, new: Value) -> str:
    names = {"field": field_label(field), "new": say(field, new)}
    if old is None:
        return _("%(field)s：填 %(new)s", **names)
    return _("%(field)s：%(old)s → %(new)s", old=say(field, old), **names)


def _state(record: UnitRecord | None) -> tuple[str, str]:
    if record is None or not record.is_begun:
        return "overdue", _("还没有填写")
    if record.gaps:
        return "waiting", ngettext("还缺 %(num)s 项", "还缺 %(num)s 项", record.gaps)
    return "solved", _("已填完整")


def _main_entity(unit: OrgUnit) -> Entity:
    return Entity.SCHOOL if unit.level is Level.SCHOOL else Entity.SUPERVISING_UNIT
