"""The columns of exported and imported files: who the row is about, then each field by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from registry_core.orgs.models import OrgUnit
from registry_core.records.definitions import Field, fields_of
from registry_core.records.models import TEACHERS, Entity, UnitRecord
from registry_core.records.values import write

# Names of columns in a file, which is read again whatever language its reader speaks: the same for everybody.
UNIT_COLUMN = "单位编号"
UNIT_NAME_COLUMN = "所在单位"
RECORD_COLUMN = "档案编号"
NAMING_COLUMNS = (UNIT_COLUMN, UNIT_NAME_COLUMN, RECORD_COLUMN)


def header_of(entity: Entity, *, hidden: frozenset[str] = frozenset()) -> list[str]:
    """Name the columns of an entity's file, without the fields that its reader may not see."""
    naming = NAMING_COLUMNS if entity in TEACHERS else (UNIT_COLUMN, UNIT_NAME_COLUMN)
    return [*naming, *(field.label_zh for name, field in fields_of(entity).items() if name not in hidden)]


def row_of(
    entity: Entity, unit: OrgUnit, record: UnitRecord | None, *, hidden: frozenset[str] = frozenset()
) -> list[str | int | None]:
    """Write one record, or the empty row of a unit that has none, under the columns of `header_of`."""
    naming: list[str | int | None] = [str(unit.id), unit.name]
    if entity in TEACHERS:
        naming.append(str(record.id) if record else "")
    held = record.values if record else {}
    numbers = (held.get(name) for name in fields_of(entity) if name not in hidden)
    return [*naming, *(value if isinstance(value, int) else write(value) for value in numbers)]


def find_columns(entity: Entity, header: Sequence[str]) -> tuple[Mapping[int, Field], list[tuple[int, str]]]:
    """Find the field of each column, by its name in either language; and the columns that nobody knows, from 1."""
    by_label = {label: field for field in fields_of(entity).values() for label in (field.label_zh, field.label_en)}
    places = [(place, name) for place, name in enumerate(header) if name not in NAMING_COLUMNS]
    known = {place: by_label[name] for place, name in places if name in by_label}
    return known, [(place + 1, name) for place, name in places if name not in by_label]
