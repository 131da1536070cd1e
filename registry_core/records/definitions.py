"""The fields of each entity, read from the shipped definitions."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from registry_core.audit.values import FieldClass
from registry_core.records.code_tables import DATA
from registry_core.records.models import Entity


class FieldType(StrEnum):
    """What a value is. `integer_list` has one number for each grade, lowest first; `yyyymm` is year and month."""

    STRING = "string"
    TEXT = "text"
    CODE = "code"
    DIGITS6 = "digits6"
    DIGITS10 = "digits10"
    REFERENCE = "reference"
    YYYYMM = "yyyymm"
    INTEGER = "integer"
    INTEGER_LIST = "integer_list"
    DECIMAL = "decimal"
    DATE = "date"


class Group(StrEnum):
    """Under which heading a form shows a field, in the order of the headings."""

    IDENTITY = "identity"
    PLACE = "place"
    TEACHING = "teaching"
    COUNTS = "counts"
    MEANS = "means"
    CONTACT = "contact"
    PERSON = "person"
    CAREER = "career"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in both languages, what its value is, who may see it, and where it comes from.

    `article` is that of file 002; it is empty for a field that this project chose. Without a code table a code is text:
    none was found.
    """

    name: str
    label_zh: str
    label_en: str
    type: FieldType
    code_table: str
    group: Group
    field_class: FieldClass
    is_required: bool
    max_length: int
    format: str
    article: str

    @property
    def has_codes(self) -> bool:
        """Say whether the value is chosen from a table."""
        return self.type is FieldType.CODE and bool(self.code_table)


@cache
def fields_of(entity: Entity) -> Mapping[str, Field]:
    """Name the fields of an entity, in the order of their source."""
    notes = {(row["entity"], row["name_en"]): row for row in _rows("field_notes.csv")}
    stated = [row for file in ("fields_zhejiang.csv", "fields_own.csv") for row in _rows(file)]
    wanted = [row for row in stated if row["entity"] == entity.value]
    return {row["name_en"]: _field(row, notes[entity.value, row["name_en"]]) for row in wanted}


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _field(row: Mapping[str, str], note: Mapping[str, str]) -> Field:
    return Field(
        name=row["name_en"],
        label_zh=row["name_zh"],
        label_en=row["name_en"].replace("_", " ").capitalize(),
        type=FieldType(row["type"]),
        code_table=row["code_table"] if row["type"] == FieldType.CODE else "",
        group=Group(note["group"]),
        field_class=FieldClass(note["class"]),
        is_required=note["is_required"] == "yes",
        max_length=int(note["max_length"] or 0),
        format=note["format"],
        article=row["article"],
    )
