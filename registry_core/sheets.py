"""Reading and writing workbooks and CSV files: within limits, as text, with nothing in a cell that a program would run.

A table that was written here reads back as what it was.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from flask_babel import lazy_gettext as _l
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font, numbers
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from registry_core.errors import InvalidInput
from registry_core.texts import clean_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
Value = str | int | None
LONGEST_TITLE = 31

_ZIP_SIGN = b"PK\x03\x04"
# What makes a spreadsheet take a text for a formula, in the wide form too: some programs turn one into the other.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_TEXT_SIGN = "'"
_DOCTYPES = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
# What openpyxl lets through when a workbook is broken, or is none.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    InvalidFileException,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    NotImplementedError,  # zipfile's word for a packing method that it does not know
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read at most; the ratio is that of unpacked to packed bytes of one part."""

    file_bytes: int = 5_000_000
    unpacked_bytes: int = 60_000_000
    ratio: int = 120
    parts: int = 200
    rows: int = 5_000
    columns: int = 200
    cell_signs: int = 5_000


LIMITS = Limits()
# A part this small cannot do harm, however well it was packed.
_SMALL_PART = 200_000


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row with its number in the file, counted from 1; cells beyond the header's are not there."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The first sheet of a file: its header and the rows that are not empty."""

    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]


class SheetRefused(InvalidInput):
    """A file that cannot be read as a table, or that is larger than a table may be."""

    code = "sheet_refused"
    message = _l("这个文件打不开，请确认是没有加密的 .xlsx 工作簿或 .csv 文件，另存一份再上传。")


def read_table(content: bytes, *, limits: Limits = LIMITS) -> Table:
    """Read the first sheet of a workbook, or a CSV file in UTF-8 or GB18030; which of them, the content says.

    Raises SheetRefused.
    """
    if len(content) > limits.file_bytes:
        raise SheetRefused(_l("文件超过 %(mb)s MB，请分成几个文件上传。", mb=limits.file_bytes // 1_000_000))
    lines = _read_workbook(content, limits) if content.startswith(_ZIP_SIGN) else _read_csv(content)
    rows = [SheetRow(number, cells) for number, cells in _bounded(lines, limits) if any(cells)]
    if not rows:
        raise SheetRefused(_l("文件是空的，第一行应是列名，下面每行一条。"))
    header, *body = rows
    width = len(header.cells)
    beyond = next((row for row in body if any(row.cells[width:])), None)
    if beyond is not None:
        raise SheetRefused(_l("第 %(row)s 行的内容超出了表头的列，请检查。", row=beyond.number))
    return Table(header.cells, tuple(SheetRow(row.number, _filled(row.cells, width)) for row in body))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet to be written. `choices` offers, for columns by their place, the cells of the sheet of that title."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Value]] = ()
    choices: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    """By column: the title of the other sheet, and how many of its first cells below the header are offered."""
    width: float | None = None
    """How wide each column is, in signs; None leaves it to the program."""


def write_workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """Write one sheet; texts stay texts, whatever sign they begin with."""
    return write_sheets([Sheet(title, header, rows)])


def write_sheets(sheets: Iterable[Sheet]) -> bytes:
    """Write a workbook of several sheets, as `write_workbook` does one."""
    book = Workbook(write_only=True)
    for one in sheets:
        _write_sheet(book, one)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _write_sheet(book: Workbook, one: Sheet) -> None:
    sheet = book.create_sheet(one.title[:LONGEST_TITLE])
    sheet.freeze_panes = "A2"
    for place in range(len(one.header) if one.width else 0):
        letter = get_column_letter(place + 1)
        sheet.column_dimensions[letter].width = one.width
        # As text: else a program turns a long number into 1.39E+10 while somebody types it.
        sheet.column_dimensions[letter].number_format = numbers.FORMAT_TEXT
    sheet.append([_text_cell(sheet, name, is_bold=True) for name in one.header])
    for row in one.rows:
        sheet.append([_text_cell(sheet, value) if isinstance(value, str) else value for value in row])
    for place, (title, count) in one.choices.items():
        letter = get_column_letter(place + 1)
        choice = DataValidation(
            type="list", formula1=f"{quote_sheetname(title[:LONGEST_TITLE])}!$A$2:$A${count + 1}", allow_blank=True
        )
        choice.add(f"{letter}2:{letter}{LIMITS.rows + 1}")
        sheet.data_validations.append(choice)


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """Write a CSV file that Excel and WPS open with the right signs."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow([neutral(name) for name in header])
    writer.writerows([neutral(value) if isinstance(value, str) else value for value in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def neutral(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula: an apostrophe in front says that it is text."""
    clean = clean_text(text)
    return _TEXT_SIGN + clean if clean.startswith(_FORMULA_SIGNS) else clean


def plain(text: str) -> str:
    """Take away the apostrophe that `neutral` put in front."""
    clean = clean_text(text)
    return clean[1:] if clean[:1] == _TEXT_SIGN and clean[1:].startswith(_FORMULA_SIGNS) else clean


def _text_cell(sheet: Any, text: str, *, is_bold: bool = False) -> Cell:
    cell = WriteOnlyCell(sheet, value=neutral(text))
    cell.data_type = "s"
    if is_bold:
        cell.font = Font(bold=True)
    return cell


def _filled(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    return (cells + ("",) * width)[:width]


def _bounded(lines: Iterator[tuple[int, Sequence[object]]], limits: Limits) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number, values in lines:
        # One more than the rows: the header.
        if number > limits.rows + 1:
            raise SheetRefused(_l("超过 %(rows)s 行，请分成几个文件上传。", rows=limits.rows))
        cells = [_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > limits.columns:
            raise SheetRefused(_l("超过 %(columns)s 列，请检查是否选错了文件。", columns=limits.columns))
        if any(len(cell) > limits.cell_signs for cell in cells):
            raise SheetRefused(
                _l("第 %(row)s 行有一格超过 %(signs)s 个字，请缩短。", row=number, signs=limits.cell_signs)
            )
        yield number, tuple(cells)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return plain(str(value))


def _read_csv(content: bytes) -> Iterator[tuple[int, Sequence[object]]]:
    reader = csv.reader(io.StringIO(_decode(content), newline=""), strict=True)
    number = 0
    try:
        for number, row in enumerate(reader, 1):
            yield number, row
    except csv.Error as error:
        raise SheetRefused(_l("第 %(row)s 行的引号不成对，请检查这一行及上一行。", row=number + 1)) from error


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        # GB18030 reads almost anything; a file with control signs in it is no text.
        if "\0" not in text:
            return text
    raise SheetRefused


def _read_workbook(content: bytes, limits: Limits) -> Iterator[tuple[int, Sequence[object]]]:
    try:
        _check_parts(content, limits)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        yield from enumerate(book.worksheets[0].iter_rows(values_only=True), 1)
    except _BROKEN as error:
        raise SheetRefused from error


def _check_parts(content: bytes, limits: Limits) -> None:
    """Refuse a workbook that would fill the memory when it is unpacked, or that declares entities of its own."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        unpacked = sum(part.file_size for part in parts)
        swollen = any(
            part.file_size > _SMALL_PART and part.file_size > limits.ratio * max(part.compress_size, 1)
            for part in parts
        )
        if len(parts) > limits.parts or unpacked > limits.unpacked_bytes or swollen:
            raise SheetRefused(_l("这个工作簿解开后太大，为了安全没有读取。请另存为新的 .xlsx 或 .csv 再上传。"))
        for part in parts:
            if part.flag_bits & 1:
                raise SheetRefused(_l("这个工作簿设了密码，请去掉密码另存一份再上传。"))
            if any(sign in packed.read(part) for sign in _DOCTYPES):
                raise SheetRefused
