"""Reading a file of administrative divisions: every row is checked before any of them is used.

Shape: CSV in UTF-8 (with or without a byte-order mark), header `code,name,level,parent_code,kind` in any order, further
columns are passed over. `code` six digits; `level` province, city or county; `parent_code` empty for a province;
`kind` one of `FILE_KINDS`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.orgs.errors import LoadRefused, RowFault
from registry_core.orgs.models import ALLOWED_PARENTS, Level, UnitKind

COLUMNS = ("code", "name", "level", "parent_code", "kind")
FILE_LEVELS = (Level.PROVINCE, Level.CITY, Level.COUNTY)
# `admin_no_county` says only that a city has no counties below; it is as real as any other.
FILE_KINDS: Mapping[str, UnitKind] = {
    "admin": UnitKind.AUTHORITY,
    "admin_no_county": UnitKind.AUTHORITY,
    "pseudo": UnitKind.GROUPING,
    "zone": UnitKind.ZONE,
    "nbs_only": UnitKind.STATISTICAL,
}
NAME_LIMIT = 60
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Region:
    """One checked row; `parent_code` names the nearest row above that has a government, None for a province."""

    line: int
    code: str
    name: str
    level: Level
    kind: UnitKind
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    code: str
    name: str
    level: str
    parent_code: str
    kind: str


def read_regions(content: bytes) -> tuple[Region, ...]:
    """Read and check a whole file, provinces first, else in the file's order.

    A grouping (`pseudo`) has no government, so what the file hangs below it hangs on the unit above it.
    Raises LoadRefused with every fault found.
    """
    rows, faults = _read_rows(_decode(content))
    by_code: dict[str, _Row] = {}
    for row in rows:
        reasons = _check_alone(row)
        if row.code in by_code:
            reasons.append(_l("代码 %(code)s 与第 %(line)s 行重复。", code=row.code, line=by_code[row.code].line))
        by_code.setdefault(row.code, row)
        faults += [RowFault(row.line, reason) for reason in reasons]
    faults += [RowFault(row.line, reason) for row in rows for reason in _check_parent(row, by_code)]
    if faults:
        raise LoadRefused(tuple(sorted(faults, key=lambda fault: fault.line)))
    regions = [_region(row, by_code) for row in rows]
    return tuple(sorted(regions, key=lambda region: region.level.rank))


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        reason = _l("不是 UTF-8 编码的文本，请把文件另存为“CSV UTF-8（逗号分隔）”后再导入。")
    else:
        reason = _l(
            "文件像是 GB18030（GBK）编码。请先转为 UTF-8：在 Excel 或 WPS 中另存为“CSV UTF-8（逗号分隔）”，"
            "或运行 iconv -f GB18030 -t UTF-8 原文件 > 新文件。"
        )
    raise LoadRefused((RowFault(line, reason),))


def _read_rows(content: str) -> tuple[list[_Row], list[RowFault]]:
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    rows: list[_Row] = []
    faults: list[RowFault] = []
    try:
        header = next(reader, [])
        _check_header(header)
        places = [header.index(column) for column in COLUMNS]
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                reason = _l("应有 %(wanted)s 列，实有 %(found)s 列。", wanted=len(header), found=len(cells))
                faults.append(RowFault(reader.line_num, reason))
                continue
            rows.append(_Row(reader.line_num, *(cells[place].strip() for place in places)))
    except csv.Error:
        # What follows an unbalanced quotation mark cannot be told apart, so the reading ends here.
        faults.append(RowFault(reader.line_num, _l("引号不成对或有多余字符，无法读下去，请检查这一行及上一行。")))
    if not rows and not faults:
        faults.append(RowFault(2, _l("文件中没有数据行，请确认选对了文件。")))
    return rows, faults


def _check_header(header: Sequence[str]) -> None:
    missing = [column for column in COLUMNS if header.count(column) != 1]
    if missing:
        reason = _l(
            "表头应包含 %(wanted)s 各一列，现缺少或重复：%(missing)s。",
            wanted=",".join(COLUMNS),
            missing=",".join(missing),
        )
        raise LoadRefused((RowFault(1, reason),))


def _check_alone(row: _Row) -> list[LazyString]:
    """Find what is wrong with a row whatever the others say."""
    reasons = []
    if not _CODE.fullmatch(row.code):
        reasons.append(_l("代码“%(code)s”不是 6 位数字。", code=row.code))
    if not row.name:
        reasons.append(_l("名称为空。"))
    elif len(row.name) > NAME_LIMIT or not row.name.isprintable():
        reasons.append(_l("名称超过 %(limit)s 个字，或含有换行等不可见字符。", limit=NAME_LIMIT))
    if row.level not in FILE_LEVELS:
        reasons.append(_l("级别“%(level)s”不认识，应为 province、city 或 county。", level=row.level))
    if row.kind not in FILE_KINDS:
        kinds = "、".join(FILE_KINDS)
        reasons.append(_l("类别“%(kind)s”不认识，应为 %(kinds)s 之一。", kind=row.kind, kinds=kinds))
    elif FILE_KINDS[row.kind] is UnitKind.GROUPING and row.level != Level.CITY:
        reasons.append(_l("类别 pseudo（没有政府的分组）只能用在市级。"))
    elif FILE_KINDS[row.kind] is not UnitKind.AUTHORITY and row.level == Level.PROVINCE:
        reasons.append(_l("省级的类别只能是 admin。"))
    return reasons


def _check_parent(row: _Row, by_code: Mapping[str, _Row]) -> list[LazyString]:
    """Find what is wrong with the place of a row; a fault of the parent's own row is named there and not repeated."""
    if row.level not in FILE_LEVELS:
        return []
    if row.level == Level.PROVINCE:
        return [_l("省级不应填写上级代码。")] if row.parent_code else []
    parent = by_code.get(row.parent_code)
    if parent is None:
        return [_l("上级代码“%(code)s”在文件中不存在。", code=row.parent_code)]
    if parent.level in FILE_LEVELS and parent.level not in ALLOWED_PARENTS[Level(row.level)]:
        return [
            _l(
                "上级“%(name)s”的级别是 %(above)s，不能作 %(level)s 的上级。",
                name=parent.name,
                above=parent.level,
                level=row.level,
            )
        ]
    return []


def _region(row: _Row, by_code: Mapping[str, _Row]) -> Region:
    above = by_code.get(row.parent_code)
    while above is not None and FILE_KINDS[above.kind] is not UnitKind.AUTHORITY:
        above = by_code.get(above.parent_code)
    parent_code = above.code if above else None
    return Region(row.line, row.code, row.name, Level(row.level), FILE_KINDS[row.kind], parent_code)
