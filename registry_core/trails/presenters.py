"""Entries of the trail as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from registry_core.accounts.browsers import name_browser
from registry_core.audit.models import AuditEntry
from registry_core.audit.services import PEOPLE, PURPOSE, TAKEN
from registry_core.orgs.models import Level
from registry_core.trails.queries import Found, LookGroup
from registry_core.trails.words import say_act, say_field, say_kind


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One field: what it was and what it became."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One line of the trail; `place` is how verification names it."""

    place: str
    at: datetime
    who: str
    in_name_of: str | None
    act: str
    about: str
    unit: str | None
    origin: str
    object_id: str | None
    """The number of what has no name."""
    changes: tuple[ChangeLine, ...]


@dataclass(frozen=True, slots=True)
class LookRow:
    """One look at somebody's data."""

    at: datetime
    who: str
    in_name_of: str | None
    unit: str | None
    fields: str
    purpose: str
    is_taken: bool
    """Taken along in a file, not only looked at."""


def present(found: Found) -> EntryRow:
    """Put an entry into words."""
    entry = found.entry
    return EntryRow(
        place=f"{entry.chain}-{entry.number}",
        at=entry.at,
        who=_who(found),
        in_name_of=found.lender,
        act=say_act(entry.act),
        about=" ".join(filter(None, (say_kind(entry.kind), entry.label or found.subject))),
        unit=found.unit,
        origin=" · ".join(filter(None, (entry.address, name_browser(entry.device)))),
        object_id=None if entry.label or found.subject else entry.object_id,
        changes=tuple(_line(name, change) for name, change in sorted(entry.changes.items()) if "new" in change),
    )


def present_look(found: Found) -> LookRow:
    """Put a look at personal data into words."""
    entry = found.entry
    return LookRow(
        entry.at, _who(found), found.lender, found.unit, say_fields(entry), purpose_of(entry), entry.act == TAKEN
    )


def say_fields(entry: AuditEntry) -> str:
    """Name the fields that were looked at."""
    return _("、").join(say_field(name) for name in sorted(entry.changes) if name not in {PURPOSE, PEOPLE})


def purpose_of(entry: AuditEntry) -> str:
    """Say what a look or an export was for, as it was stated; empty where nothing was asked."""
    return str(entry.changes.get(PURPOSE, {}).get("new") or "")


def level_choices() -> list[tuple[str, str]]:
    """List the levels that can look down, for a choice."""
    return [("", _("不限")), *((level.value, level_name(level)) for level in Level if level is not Level.SCHOOL)]


def level_name(level: Level) -> str:
    """Name a level of the tree."""
    return {
        Level.MINISTRY: _("部级"),
        Level.PROVINCE: _("省级"),
        Level.CITY: _("地市级"),
        Level.COUNTY: _("区县级"),
        Level.SCHOOL: _("学校级"),
    }[level]


def look_kind(group: LookGroup) -> str:
    """Say what somebody from above did with which kind of data."""
    kind = say_kind(group.kind)
    return _("导出%(kind)s", kind=kind) if group.act == TAKEN else _("查看%(kind)s", kind=kind)


def looks_header() -> tuple[str, ...]:
    """Name the columns of the looks from above as a sheet."""
    return (_("日期"), _("谁"), _("代办人"), _("单位"), _("级别"), _("做了什么"), _("数量"), _("用途"))


def looks_lines(groups: Iterable[LookGroup]) -> Iterator[tuple[str | int, ...]]:
    """Write the looks from above as lines of a sheet."""
    for one in groups:
        who = (one.day.isoformat(), one.name or _("已不在系统里的账号"), one.borrower or "")
        where = (one.from_unit, level_name(one.from_level))
        yield (*who, *where, look_kind(one), one.many, one.purpose or "")


def _who(found: Found) -> str:
    entry: AuditEntry = found.entry
    if found.name:
        return found.name
    if entry.account_id:
        return _("已不在系统里的账号")
    return _("没有登录的人") if entry.address else _("系统")


def _line(name: str, change: dict[str, Any]) -> ChangeLine:
    return ChangeLine(say_field(name), _value(change.get("old")), _value(change.get("new")))


def _value(kept: Any) -> str:
    match kept:
        case None:
            return _("（空）")
        case {"digest": _digest}:
            return _("（个人信息，已遮住）")
        case bool():
            return _("是") if kept else _("否")
        case list():
            return _("、").join(_value(one) for one in kept)
        case dict():
            return _("、").join(f"{say_field(name)} {_value(one)}" for name, one in sorted(kept.items()))
        case _:
            return str(kept)
