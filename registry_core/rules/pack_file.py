"""Reading a pack file: everything in it is checked against the declared topics before anything of it is used.

Shape: TOML. Head: `code`, `name`, `owner` (six digits of GB/T 2260, or `ministry`), `source`, `valid_from`, and if
wished `valid_until` and `note`. Then `[rules.<topic>]` with `clause`, `value` and if wished `note`, `house_default`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from msgspec import Meta, Struct

from registry_core.rules.errors import PackFault, PacksRefused
from registry_core.rules.topics import struct_of

FOLDER = Path(__file__).parent / "packs"
MINISTRY = "ministry"

T = TypeVar("T", bound=Struct)
Words = Annotated[str, Meta(min_length=1)]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One checked rule of a pack; `value` is what the database keeps."""

    topic: str
    value: dict[str, Any]
    clause: str
    note: str
    is_house_default: bool


@dataclass(frozen=True, slots=True)
class PackFile:
    """One checked pack."""

    code: str
    name: str
    owner: str
    source: str
    note: str
    valid_from: date
    valid_until: date | None
    rules: tuple[RuleLine, ...]


class _Head(Struct, forbid_unknown_fields=True):
    code: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{2,59}$")]
    name: Words
    owner: Annotated[str, Meta(pattern=r"^([0-9]{6}|ministry)$")]
    source: Words
    valid_from: date
    valid_until: date | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            message = "valid_until has to be later than valid_from"
            raise ValueError(message)


class _Line(Struct, forbid_unknown_fields=True):
    clause: Words
    value: dict[str, Any]
    note: str = ""
    house_default: bool = False


def read_packs(paths: Sequence[Path] | None = None) -> tuple[PackFile, ...]:
    """Read and check pack files (the shipped ones without `paths`).

    Raises PacksRefused with every fault of every file.
    """
    packs, faults = [], []
    for path in paths if paths is not None else sorted(FOLDER.glob("*.toml")):
        pack, wrong = _read(path)
        faults += wrong
        packs += [pack] if pack else []
    faults += _twice(packs)
    if faults:
        raise PacksRefused(tuple(faults))
    return tuple(packs)


def _read(path: Path) -> tuple[PackFile | None, list[PackFault]]:
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None, [PackFault(path.name, "", "", _l("不是 UTF-8 编码的文本，请另存为 UTF-8 后再装入。"))]
    except tomllib.TOMLDecodeError as error:
        return None, [PackFault(path.name, "", "", _l("不是有效的 TOML：%(error)s", error=str(error)))]
    stated = content.pop("rules", {})
    head, faults = _check(content, _Head, path.name, "")
    if not isinstance(stated, dict):
        return None, [*faults, PackFault(path.name, "rules", "", _l("应是一张表，每个事项写作 [rules.事项]。"))]
    lines = []
    for topic, table in stated.items():
        line, wrong = _read_line(path.name, topic, table)
        faults += wrong
        lines += [line] if line else []
    if head is None or faults:
        return None, faults
    return PackFile(
        head.code, head.name, head.owner, head.source, head.note, head.valid_from, head.valid_until, tuple(lines)
    ), []


def _read_line(file: str, topic: str, table: object) -> tuple[RuleLine | None, list[PackFault]]:
    struct = struct_of(topic)
    if struct is None:
        reason = _l("没有这个事项，请核对拼写；可用的事项见 registry_core/rules/topics。")
        return None, [PackFault(file, topic, "", reason)]
    line, faults = _check(table, _Line, file, topic)
    if line is None:
        return None, faults
    value, faults = _check(line.value, struct, file, topic, "value")
    if value is None:
        return None, faults
    # As JSON and back: the database gives lists, and a tuple would look like another value at the next load.
    kept = msgspec.json.decode(msgspec.json.encode(value))
    return RuleLine(topic, kept, line.clause, line.note, line.house_default), []


def _twice(packs: Sequence[PackFile]) -> list[PackFault]:
    seen: set[str] = set()
    faults = []
    for pack in packs:
        if pack.code in seen:
            reason = _l("规则包 %(code)s 在几个文件里重复出现，请只保留一个。", code=pack.code)
            faults.append(PackFault(pack.code, "", "code", reason))
        seen.add(pack.code)
    return faults


def _check(value: object, struct: type[T], file: str, topic: str, start: str = "") -> tuple[T | None, list[PackFault]]:
    try:
        return msgspec.convert(value, type=struct), []
    except msgspec.ValidationError as error:
        sentence, _, place = str(error).partition(" - at `$")
        field, reason = _explain(sentence)
        path = ".".join(part for part in (start, place.rstrip("`").lstrip("."), field) if part)
        return None, [PackFault(file, topic, path, reason)]


_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>[^`]+)`")
_TYPE = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<found>[^`]+)`")
_CHOICE = re.compile(r"Invalid enum value (?P<found>.+)")
_BOUND = re.compile(r"Expected `\w+` (?P<bound>[<>]=? .+)")


def _explain(sentence: str) -> tuple[str, LazyString]:
    """Say what is wrong in words, with the field where the sentence names one."""
    if found := _MISSING.fullmatch(sentence):
        return found["field"], _l("缺少这一项，请补上。")
    if found := _UNKNOWN.fullmatch(sentence):
        return found["field"], _l("不认识这一项，请核对拼写或删去。")
    if found := _CHOICE.fullmatch(sentence):
        return "", _l("%(value)s 不在可选的值之中，请核对。", value=found["found"])
    if found := _TYPE.fullmatch(sentence):
        return "", _l("类型不对：应为 %(wanted)s，实为 %(found)s。", **found.groupdict())
    if found := _BOUND.fullmatch(sentence):
        return "", _l("超出范围：应 %(bound)s。", bound=found["bound"])
    return "", _l("不合要求：%(error)s", error=sentence)


def fields_of(pack: PackFile) -> Mapping[str, Any]:
    """Say what a file states about the pack as a whole."""
    return {
        "name": pack.name,
        "source": pack.source,
        "note": pack.note,
        "valid_from": pack.valid_from,
        "valid_until": pack.valid_until,
    }
