"""Reading the days of a calendar from a table: every row is checked before any of them is used.

Shape: three columns (date, kind, name), separated by commas or, pasted from a spreadsheet, by tabs; a first row without
any digit in its first cell is a header. Dates as 2027-01-01, 2027/1/1 or written out with the words for year and month;
kinds as `off` and `work` or as the page says them.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.calendars.models import LONGEST_NAME, SATURDAY, DayKind
from registry_core.orgs.errors import LoadRefused, RowFault

COLUMNS = 3
_DATE = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})\D?", re.ASCII)
_KINDS: tuple[tuple[DayKind, tuple[LazyString | str, ...]], ...] = (
    (DayKind.OFF, ("off", _l("放假"), _l("休"))),
    (DayKind.WORK, ("work", _l("调休上班"), _l("上班"), _l("班"))),
)


@dataclass(frozen=True, slots=True)
class ListedDay:
    """One checked row."""

    day: date
    kind: DayKind
    name: str


def read_days(content: str, *, year: int | None = None) -> tuple[ListedDay, ...]:
    """Read and check a whole table, if wished of one year alone, in the order of the days.

    Raises LoadRefused with every fault found.
    """
    days: dict[date, ListedDay] = {}
    faults: list[RowFault] = []
    for line, cells in _read_rows(content):
        found = _read_row(cells, year)
        if not isinstance(found, ListedDay):
            faults.append(RowFault(line, found))
        elif found.day in days:
            faults.append(RowFault(line, _l("%(day)s 前面已经写过一行。", day=found.day.isoformat())))
        else:
            days[found.day] = found
    if not days and not faults:
        faults.append(RowFault(1, _l("没有找到日期，请把“日期、类型、名称”三列粘贴进来。")))
    if faults:
        raise LoadRefused(tuple(faults))
    return tuple(days[day] for day in sorted(days))


def _read_rows(content: str) -> list[tuple[int, list[str]]]:
    """Split a table into its rows with their line numbers, without the header and empty lines."""
    delimiter = "\t" if "\t" in content else ","
    reader = csv.reader(io.StringIO(content.lstrip("\ufeff"), newline=""), delimiter=delimiter)
    rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(map(str.strip, cells))]
    if rows and not any(sign.isdigit() for sign in rows[0][1][0]):
        del rows[0]
    return rows


def _read_row(cells: list[str], year: int | None) -> ListedDay | LazyString:
    """Read one row, or say what is wrong with it."""
    if len(cells) != COLUMNS:
        return _l("应有日期、类型、名称三列，这一行有 %(found)s 列。", found=len(cells))
    day, kind, name = _read_date(cells[0]), _read_kind(cells[1]), cells[2]
    if day is None:
        return _l("日期“%(text)s”无法识别，请写成 2027-01-01 的样子。", text=cells[0])
    if kind is None:
        return _l("类型“%(text)s”不认识，请写“放假”或“调休上班”（也可写 off、work）。", text=cells[1])
    return _fault(day, kind, name, year) or ListedDay(day, kind, name)


def _fault(day: date, kind: DayKind, name: str, year: int | None) -> LazyString | None:
    """Say what is wrong with a row that can be read."""
    if year is not None and day.year != year:
        return _l("%(day)s 不在 %(year)s 年，请放到那一年去登记。", day=day.isoformat(), year=year)
    if kind is DayKind.WORK and day.weekday() < SATURDAY:
        return _l("%(day)s 是星期一到星期五，本来就上班，不用登记为调休上班。", day=day.isoformat())
    if not 0 < len(name) <= LONGEST_NAME:
        return _l("名称要填写，最多 %(longest)s 个字，例如“春节”。", longest=LONGEST_NAME)
    return None


def _read_kind(text: str) -> DayKind | None:
    return next((kind for kind, words in _KINDS if text.lower() in {str(word).lower() for word in words}), None)


def _read_date(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    if not found:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None
