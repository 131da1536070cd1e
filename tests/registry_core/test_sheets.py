"""Workbooks and CSV: what was written reads back, and nothing in them runs or fills the memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from registry_core.sheets import Limits, SheetRefused, neutral, plain, read_table, write_csv, write_workbook
from registry_core.texts import clean_text

HEADER = ("名称", "人数")
ATTACKS = ["=1+1", "+1", "-1+2", "@SUM(A1)", '=cmd|"/c calc"!A1', "\t=1+1", "＝1+1", '=HYPERLINK("http://x","y")']
SMALL = Limits(rows=3, columns=4, cell_signs=10, file_bytes=20_000, unpacked_bytes=200_000)


def workbook(rows: list[list[object]]) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def repacked(content: bytes, changes: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {**dict.fromkeys(old.namelist()), **changes}:
            new.writestr(name, changes[name] if name in changes else old.read(name))
    return written.getvalue()


@pytest.mark.parametrize("write", [write_csv, lambda header, rows: write_workbook("表", header, rows)])
def test_what_was_written_reads_back(write: Callable[[Any, Any], bytes]) -> None:
    rows = [["雁塔区第一小学", 12], ["=cmd", None], ["'quoted", 0], ["+86 29", 7]]
    table = read_table(write(HEADER, rows))
    assert table.header == HEADER
    assert [(row.number, row.cells) for row in table.rows] == [
        (2, ("雁塔区第一小学", "12")),
        (3, ("=cmd", "")),
        (4, ("'quoted", "0")),
        (5, ("+86 29", "7")),
    ]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_cell_of_an_export_is_a_formula(attack: str) -> None:
    cell = load_workbook(io.BytesIO(write_workbook("表", ["a"], [[attack]]))).worksheets[0]["A2"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")
    line = write_csv(["a"], [[attack]]).decode("utf-8-sig").splitlines()[1]
    assert line.lstrip('"').startswith("'")


@given(st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_what_was_made_harmless_comes_back_as_it_was_unless_it_bore_the_mark(text: str) -> None:
    if not text.lstrip().startswith("'"):
        assert plain(neutral(text)) == clean_text(text)


def test_csv_of_a_chinese_excel_is_read() -> None:
    assert read_table("名称,人数\n雁塔区,3\n".encode("gb18030")).rows[0].cells == ("雁塔区", "3")


def test_days_numbers_and_formulas_of_a_workbook_are_read_as_people_see_them() -> None:
    content = workbook([["a", "b", "c"], [date(2026, 3, 1), 12.0, 3.5], [datetime(2026, 3, 1, 8, 0), True, None]])  # noqa: DTZ001 - a workbook knows no zones
    assert [row.cells for row in read_table(content).rows] == [("2026-03-01", "12", "3.5"), ("2026-03-01", "True", "")]


def test_empty_rows_are_passed_over_and_numbers_stay_those_of_the_file() -> None:
    assert [row.number for row in read_table(b"a\n1\n\n\n2\n").rows] == [2, 5]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"PK\x03\x04 not a zip at all",
        b"\x00\x01\x02\x03",
        b'a\n"unclosed\n',
        b"a\n1,2\n",
        b"a,b,c,d,e\n",
        b"a\n" + b"1\n" * 4,
        b"a\n" + b"1" * 11,
        b"a\n1" + b" " * 20_001,
    ],
    ids=["empty", "blank", "no zip", "binary", "quote", "beyond", "columns", "rows", "long", "large"],
)
def test_what_is_no_table_or_too_large_is_refused(content: bytes) -> None:
    with pytest.raises(SheetRefused):
        read_table(content, limits=SMALL)


def test_the_last_row_and_column_that_fit_are_read() -> None:
    table = read_table(b"a,b,c,d\n" + b"1,2,3,4\n" * 3, limits=SMALL)
    assert (len(table.rows), len(table.header)) == (3, 4)


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = repacked(workbook([["a"], [1]]), {"xl/worksheets/sheet1.xml": b"<a>" + b" " * 5_000_000 + b"</a>"})
    assert len(bomb) < 20_000
    with pytest.raises(SheetRefused) as refusal:
        read_table(bomb)
    assert "太大" in refusal.value.text


def test_a_workbook_of_very_many_parts_is_not_unpacked_either() -> None:
    assert read_table(repacked(workbook([["a"], [1]]), {f"{number}.xml": b"x" for number in range(100)})).rows
    with pytest.raises(SheetRefused):
        read_table(repacked(workbook([["a"], [1]]), {f"{number}.xml": b"x" for number in range(200)}))


def test_a_row_far_below_does_not_make_a_million_empty_ones() -> None:
    book = Workbook()
    book.worksheets[0]["A1"] = "a"
    book.worksheets[0]["A1048576"] = "far"
    written = io.BytesIO()
    book.save(written)
    with pytest.raises(SheetRefused):
        read_table(written.getvalue())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_of_its_own_are_refused(encoding: str) -> None:
    sheet = (
        '<!DOCTYPE worksheet [<!ENTITY b "bbbb">]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>{}</t></is></c></row></sheetData></worksheet>'
    )
    part = "xl/worksheets/sheet1.xml"
    content = workbook([["a"], [1]])
    plain_sheet = sheet.partition("]>")[2].format("b").encode(encoding)
    assert read_table(repacked(content, {part: plain_sheet})).rows[0].cells == ("b",)
    with pytest.raises(SheetRefused):
        read_table(repacked(content, {part: sheet.format("&b;").encode(encoding)}))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"])
def test_a_broken_workbook_is_refused_in_words(part: str) -> None:
    with pytest.raises(SheetRefused) as refusal:
        read_table(repacked(workbook([["a"], [1]]), {part: b"<broken"}))
    assert "打不开" in refusal.value.text
