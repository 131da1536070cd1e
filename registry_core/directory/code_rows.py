"""Rows of a code list: code, name and county of each school, read from a table and checked each by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.directory.errors import ListColumnsMissing
from registry_core.directory.school_codes import find_fault
from registry_core.orgs.errors import LoadRefused, RowFault
from registry_core.orgs.models import OrgUnit
from registry_core.sheets import Table

LONGEST_NAME = 100
COLUMNS = (
    ("code", _l("学校标识码")),
    ("name", _l("学校名称")),
    ("county", _l("区划代码")),
)


@dataclass(frozen=True, slots=True)
class ListRow:
    """What a list says of one school: its line in the file, its code, its name, the division code of its department."""

    line: int
    code: str
    name: str
    county: str


def read_rows(table: Table) -> list[ListRow]:
    """Find the three columns by their names, English or Chinese, and read every row.

    Raises ListColumnsMissing.
    """
    header = [name.strip().lower() for name in table.header]
    places = [
        next((place for place, name in enumerate(header) if name in {column, str(label)}), None)
        for column, label in COLUMNS
    ]
    code, name, county = places
    if code is None or name is None or county is None:
        raise ListColumnsMissing
    return [
        ListRow(row.number, row.cells[code].strip(), row.cells[name].strip(), row.cells[county].strip())
        for row in table.rows
    ]


def require_sound(rows: Sequence[ListRow], departments: Mapping[str, OrgUnit], taken: Mapping[str, str]) -> None:
    """Refuse a list with wrong rows, naming every one; `taken` are codes of schools elsewhere, with their names.

    Raises LoadRefused.
    """
    codes: dict[str, int] = {}
    places: dict[tuple[str, str], int] = {}
    faults: list[RowFault] = []
    for row in rows:
        reasons = _find_reasons(row, departments, taken)
        first = {codes.setdefault(row.code, row.line), places.setdefault((row.county, row.name), row.line)} - {row.line}
        reasons += [_l("与第 %(line)s 行的代码或校名重复。", line=line) for line in sorted(first)]
        faults += [RowFault(row.line, reason) for reason in reasons]
    if faults:
        raise LoadRefused(tuple(faults))


def _find_reasons(row: ListRow, departments: Mapping[str, OrgUnit], taken: Mapping[str, str]) -> list[LazyString]:
    """Find what is wrong with a row by itself."""
    reasons: list[LazyString] = []
    if not row.name or len(row.name) > LONGEST_NAME:
        reasons.append(_l("学校名称为空，或超过 %(limit)s 个字。", limit=LONGEST_NAME))
    if row.county not in departments:
        reasons.append(_l("区划代码“%(code)s”不在所选单位的范围内。", code=row.county))
    elif (fault := find_fault(row.code, row.county)) is not None:
        reasons.append(fault)
    if row.code in taken:
        reasons.append(_l("代码“%(code)s”属于范围以外的“%(name)s”。", code=row.code, name=taken[row.code]))
    return reasons
