"""From what is typed to what is kept, and back: each field by its type, its code table, its length and its format."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.errors import InvalidInput
from registry_core.records.code_tables import REGIONS, load_code_tables, load_region_names
from registry_core.records.definitions import Field, FieldType

Value = str | int | list[int] | None
LARGEST_NUMBER = 100_000_000
LONGEST_LIST = 20
EARLIEST_YEAR = 1800

_WIDE = str.maketrans("０１２３４５６７８９．，－／", "0123456789.,-/")
_PHONE = re.compile(r"\+?[0-9][0-9()\- ]{4,18}")
_URL = re.compile(r"https?://[^\s/]+\.[^\s]+", re.IGNORECASE)
_MONTH = re.compile(r"(?P<year>[0-9]{4})[-./年]?(?P<month>0?[1-9]|1[0-2])月?")
_DAYS = (
    re.compile(r"(?P<year>[0-9]{4})[-./年](?P<month>[0-9]{1,2})[-./月](?P<day>[0-9]{1,2})日?"),
    re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"),
)
_SEPARATORS = re.compile(r"[,，、;；\s]+")


class ValueRefused(InvalidInput):
    """A text is no value of its field; the message says what is."""

    code = "value_refused"


def parse(field: Field, text: str) -> Value:
    """Read what was typed; nothing typed is None.

    Raises ValueRefused.
    """
    typed = text.strip()
    if not typed:
        return None
    if field.has_codes:
        return _parse_code(field, typed)
    return _PARSERS.get(field.type, _parse_text)(field, typed)


def write(value: Value) -> str:
    """Write a kept value as one would type it; `parse` reads it back."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)


def label_of(field: Field, code: str) -> tuple[str, str]:
    """Name a code in Chinese and English; a code that no table knows stands for itself."""
    if field.code_table == REGIONS:
        name = load_region_names().get(code, code)
        return name, name
    found = load_code_tables()[field.code_table].get(code)
    return (found.label_zh, found.label_en) if found else (code, code)


def count_gaps(fields: Mapping[str, Field], values: Mapping[str, Any]) -> int:
    """Count the fields without which a record is not complete."""
    return sum(field.is_required and values.get(name) is None for name, field in fields.items())


def _parse_text(field: Field, typed: str) -> str:
    if field.max_length and len(typed) > field.max_length:
        raise _refused(_l("最多 %(length)s 个字，现在有 %(count)s 个。", length=field.max_length, count=len(typed)))
    if field.type is not FieldType.TEXT and "\n" in typed:
        raise _refused(_l("请写在一行里。"))
    check = _FORMATS.get(field.format)
    return check(typed) if check else typed


def _parse_email(typed: str) -> str:
    try:
        return validate_email(typed, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise _refused(_l("这不是电子信箱，请写成 name@example.com 的样子。")) from error


def _parse_phone(typed: str) -> str:
    plain = typed.translate(_WIDE)
    if not _PHONE.fullmatch(plain):
        raise _refused(_l("号码只能有数字、空格、括号和短横，例如 029-88888888。"))
    return plain


def _parse_url(typed: str) -> str:
    if not _URL.fullmatch(typed):
        raise _refused(_l("网址请以 http:// 或 https:// 开头。"))
    return typed


def _parse_code(field: Field, typed: str) -> str:
    """Take a code or, from a spreadsheet, its label."""
    if field.code_table == REGIONS:
        code = typed.translate(_WIDE)
        if code not in load_region_names():
            raise _refused(_l("没有行政区划代码 %(code)s，请填 6 位代码。", code=typed))
        return code
    table = load_code_tables()[field.code_table]
    if typed in table:
        return typed
    named = [code.code for code in table.values() if typed in {code.label_zh, code.label_en}]
    if len(named) != 1:
        raise _refused(_l("“%(value)s”不在可选的值之中，请从代码表里选。", value=typed))
    return named[0]


def _parse_digits(field: Field, typed: str) -> str:
    count = 6 if field.type is FieldType.DIGITS6 else 10
    digits = typed.translate(_WIDE)
    if not re.fullmatch(rf"[0-9]{{{count}}}", digits):
        raise _refused(_l("应是 %(count)s 位数字。", count=count))
    return digits


def _parse_month(_field: Field, typed: str) -> str:
    found = _MONTH.fullmatch(typed.translate(_WIDE))
    if found is None or int(found["year"]) < EARLIEST_YEAR:
        raise _refused(_l("请写年和月，例如 1987-09。"))
    return f"{found['year']}-{int(found['month']):02}"


def _parse_date(_field: Field, typed: str) -> str:
    plain = typed.translate(_WIDE)
    found = next(filter(None, (form.fullmatch(plain) for form in _DAYS)), None)
    try:
        day = date(int(found["year"]), int(found["month"]), int(found["day"])) if found else None
    except ValueError:
        day = None
    if day is None or day.year < EARLIEST_YEAR:
        raise _refused(_l("没有这一天，请写成 1987-09-01 的样子。"))
    return day.isoformat()


def _parse_integer(_field: Field, typed: str) -> int:
    plain = typed.translate(_WIDE).replace(",", "")
    if not re.fullmatch(r"[0-9]{1,9}", plain) or int(plain) > LARGEST_NUMBER:
        raise _refused(_l("应是不小于 0 的整数。"))
    return int(plain)


def _parse_list(field: Field, typed: str) -> list[int]:
    parts = [part for part in _SEPARATORS.split(typed.translate(_WIDE)) if part]
    if len(parts) > LONGEST_LIST:
        raise _refused(_l("最多 %(count)s 个年级。", count=LONGEST_LIST))
    return [_parse_integer(field, part) for part in parts]


def _parse_decimal(_field: Field, typed: str) -> str:
    """Keep a number with at most two places as text: JSON would make it another number."""
    try:
        number = Decimal(typed.translate(_WIDE).replace(",", ""))
    except InvalidOperation as error:
        raise _refused(_NO_DECIMAL) from error
    if not number.is_finite() or not 0 <= number <= LARGEST_NUMBER or number != round(number, 2):
        raise _refused(_NO_DECIMAL)
    return f"{number.normalize():f}"


def _refused(reason: LazyString) -> ValueRefused:
    return ValueRefused(reason)


_NO_DECIMAL = _l("应是不小于 0 的数，小数最多两位。")
_FORMATS = {"email": _parse_email, "phone": _parse_phone, "url": _parse_url}
_PARSERS: Mapping[FieldType, Callable[[Field, str], Value]] = {
    FieldType.DIGITS6: _parse_digits,
    FieldType.DIGITS10: _parse_digits,
    FieldType.YYYYMM: _parse_month,
    FieldType.DATE: _parse_date,
    FieldType.INTEGER: _parse_integer,
    FieldType.INTEGER_LIST: _parse_list,
    FieldType.DECIMAL: _parse_decimal,
}
