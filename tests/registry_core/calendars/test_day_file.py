"""A year pasted by the ministry: read as people write it, refused row by row, never by half."""

from __future__ import annotations

from datetime import date

import pytest

from registry_core.calendars.day_file import ListedDay, read_days
from registry_core.calendars.models import DayKind
from registry_core.orgs.errors import LoadRefused

NEW_YEAR = ListedDay(date(2027, 1, 1), DayKind.OFF, "元旦")
EXCHANGE = ListedDay(date(2027, 1, 9), DayKind.WORK, "元旦")


@pytest.mark.parametrize(
    "table",
    [
        "2027-01-01,off,元旦\n2027-01-09,work,元旦",
        "日期,类型,名称\r\n2027/1/1,放假,元旦\r\n2027/1/9,调休上班,元旦\r\n",
        "\ufeff2027年1月9日\t班\t元旦\n\n2027年1月1日\t休\t元旦\n",
        'date,kind,name\n"2027-01-01", OFF ,"元旦"\n2027-1-9,Work,元旦',
    ],
)
def test_a_year_is_read_as_people_write_it(table: str) -> None:
    assert read_days(table, year=2027) == (NEW_YEAR, EXCHANGE)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2027-02-29,off,春节", "无法识别"),
        ("明天,off,春节1", "无法识别"),
        ("2026-12-31,off,元旦", "不在 2027 年"),
        ("2027-02-06,假,春节", "不认识"),
        ("2027-02-05,work,春节", "星期一到星期五"),
        ("2027-02-06,off,", "名称"),
        ("2027-02-06,off," + "长" * 41, "名称"),
        ("2027-02-06,off", "三列"),
        ("2027-01-01,off,元旦", "前面已经写过"),
    ],
)
def test_a_wrong_row_is_named_with_its_line_and_its_reason(row: str, said: str) -> None:
    with pytest.raises(LoadRefused) as refusal:
        read_days(f"日期,类型,名称\n2027-01-01,off,元旦\n{row}", year=2027)
    [fault] = refusal.value.faults
    assert fault.line == 3
    assert said in fault.text


def test_every_wrong_row_is_named_at_once() -> None:
    with pytest.raises(LoadRefused) as refusal:
        read_days("2027-01-01,off,元旦\n2027-13-01,off,元旦\n2027-02-06,?,春节", year=2027)
    assert [fault.line for fault in refusal.value.faults] == [2, 3]


@pytest.mark.parametrize("table", ["", "\n\n", "日期,类型,名称\n"])
def test_an_empty_table_is_refused(table: str) -> None:
    with pytest.raises(LoadRefused):
        read_days(table, year=2027)
