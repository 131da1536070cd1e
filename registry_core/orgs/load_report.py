"""What a load of divisions did to the tree, in figures for programs and in words for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.orgs.models import Level, UnitKind

_LEVELS: Mapping[Level, LazyString] = {
    Level.MINISTRY: _l("部"),
    Level.PROVINCE: _l("省"),
    Level.CITY: _l("市"),
    Level.COUNTY: _l("县"),
    Level.SCHOOL: _l("校"),
}
_KINDS: Mapping[UnitKind, LazyString] = {
    UnitKind.ZONE: _l("开发区等统计区划"),
    UnitKind.STATISTICAL: _l("仅统计使用的行"),
    UnitKind.GROUPING: _l("没有政府的分组"),
}


class ChangeKind(StrEnum):
    """What can change about a unit that a file names."""

    RENAMED = "renamed"
    MOVED = "moved"
    RECLASSIFIED = "reclassified"


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit as a report names it; one without a code is a real unit all the same."""

    level: Level
    name: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one unit: names before and after, or the names of the units above it, or the kinds."""

    what: ChangeKind
    code: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LoadReport:
    """The outcome of one load.

    `left_out` counts rows of the file by kind; `given_up` are rows whose code is no longer in use here and which did
    not come back; `not_in_file` are units that stay in the tree although the file lacks them.
    """

    added: tuple[UnitLine, ...]
    changes: tuple[Change, ...]
    unchanged: int
    left_out: Mapping[UnitKind, int]
    given_up: tuple[UnitLine, ...]
    not_in_file: tuple[UnitLine, ...]

    def added_at(self, level: Level) -> int:
        """Count the new units of one level."""
        return sum(line.level is level for line in self.added)

    def changed(self, what: ChangeKind) -> tuple[Change, ...]:
        """Pick the changes of one sort."""
        return tuple(change for change in self.changes if change.what is what)

    def lines(self) -> tuple[str, ...]:
        """Tell the outcome in the reader's language, a line for each thing to know."""
        levels = Counter(line.level for line in self.added)
        counted = "，".join(f"{_LEVELS[level]} {levels[level]}" for level in Level if levels[level])
        left_out = "，".join(f"{_KINDS[kind]} {count}" for kind, count in sorted(self.left_out.items()))
        told = [
            _("新增 %(count)s 个单位", count=len(self.added)) + (f"（{counted}）" if counted else ""),
            _("未变 %(count)s 个单位", count=self.unchanged),
            *(_change_text(change) for change in self.changes),
        ]
        if left_out:
            told.append(_("按规则未导入 %(count)s 行", count=sum(self.left_out.values())) + f"（{left_out}）")
        if self.given_up:
            told.append(_("代码在库中已停用、未重新导入 %(count)s 行", count=len(self.given_up)))
            told += [_line_text(line) for line in self.given_up]
        if self.not_in_file:
            told.append(_("库中有、文件中没有的单位 %(count)s 个，均已保留", count=len(self.not_in_file)))
            told += [_line_text(line) for line in self.not_in_file]
        return tuple(told)


def _line_text(line: UnitLine) -> str:
    return f"  {line.name}（{line.code or _('无代码')}）"


def _change_text(change: Change) -> str:
    names = {"code": change.code, "name": change.name, "before": change.before, "after": change.after}
    if change.what is ChangeKind.RENAMED:
        return _("更名 %(code)s：%(before)s → %(after)s", **names)
    if change.what is ChangeKind.MOVED:
        return _("改隶 %(code)s %(name)s：%(before)s → %(after)s", **names)
    return _("类别变化 %(code)s %(name)s：%(before)s → %(after)s", **names)
