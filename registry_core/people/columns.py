"""The columns of a sheet of people who are to get accounts; a file keeps their names whatever its reader speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum


class Column(StrEnum):
    """A column by its name in the file; rows of a batch keep their cells in this order."""

    NAME = "姓名"
    MOBILE = "手机号"
    EMAIL = "邮箱"
    UNIT_CODE = "单位代码"
    UNIT_NAME = "单位名称"
    ROLE = "角色"
    NARROWED_TO = "年级或班级"
    USER_NAME = "用户名"
    SINCE = "起始日期"
    UNTIL = "截止日期"


TO_MEND = "要改的地方"
"""The column that a file gets which was handed back with its faults; it is passed over when the file comes again."""
NEEDED = (Column.NAME, Column.ROLE)
_ALSO = {
    "手机": Column.MOBILE,
    "手机号码": Column.MOBILE,
    "电子邮箱": Column.EMAIL,
    "单位": Column.UNIT_NAME,
    "开始日期": Column.SINCE,
    "结束日期": Column.UNTIL,
}
_BY_NAME = {**{column.value: column for column in Column}, **_ALSO}


def find_columns(header: Sequence[str]) -> tuple[Mapping[Column, int], list[str]]:
    """Find the place of each column; and the names that nobody knows, or that come twice."""
    places: dict[Column, int] = {}
    odd = []
    for place, name in enumerate(header):
        column = _BY_NAME.get("".join(name.split()).rstrip("*＊"))
        if column is None or column in places:
            odd.extend([name] if name and name != TO_MEND else [])
        else:
            places[column] = place
    return places, odd


def take_cells(cells: Sequence[str], places: Mapping[Column, int]) -> list[str]:
    """Put the cells of a row into the order of the columns; one that the file lacks is empty."""
    return [cells[places[column]].strip() if column in places else "" for column in Column]


_DATE_SIGNS = str.maketrans({"年": "-", "月": "-", "日": "", "/": "-", ".": "-"})


def plain_date(text: str) -> str:
    """Write a date as 2026-9-1, however it was typed: 2026/9/1, 2026.9.1, 2026年9月1日."""
    return "".join(text.split()).translate(_DATE_SIGNS)
