"""Refusals about records; each message says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.errors import DomainError, Forbidden, InvalidInput, NotFound
from registry_core.records.definitions import Field
from registry_core.records.values import Value


class RecordNotFound(NotFound):
    """No such record, or it lies outside the scope."""

    code = "record_not_found"
    message = _l("没有找到这份档案，可能已经移走，或不在您的管理范围内。")


class NoSuchRecordHere(NotFound):
    """A unit of this kind has no such record."""

    code = "no_such_record_here"
    message = _l("这个单位没有这种档案：教育行政部门填主管单位信息，学校和幼儿园填各自的信息和教师信息。")


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that two people changed differently: what the other made of it, who and when."""

    field: Field
    theirs: Value
    by: str
    at: datetime


class RecordChangedMeanwhile(DomainError):
    """Somebody else has changed the same fields since the form was opened.

    `clashes` says what they are now; `values` is what the record would be with what the person changed, to be saved
    upon `version`.
    """

    code = "record_changed_meanwhile"

    def __init__(self, clashes: tuple[Clash, ...], values: Mapping[str, Value], version: int) -> None:
        super().__init__()
        self.clashes = clashes
        self.values = values
        self.version = version

    @property
    def text(self) -> str:
        """Say what has changed; what was typed stays in the form."""
        return _("您编辑期间有人改了同样的项目。您填写的内容都还在，请对照后再保存一次；保存后以您的为准。")


class NotYoursToEnter(Forbidden):
    """The rules let others enter these data. Source: file 002, article 18."""

    code = "not_yours_to_enter"

    def __init__(self, pack_name: str, clause: str) -> None:
        super().__init__(
            _l(
                "按现行规则，这些数据不由您的角色录入（%(pack)s，%(clause)s）。请告诉负责录入的同事。",
                pack=pack_name,
                clause=clause,
            )
        )


class OwnEntry(Forbidden):
    """Nobody checks what they entered. Source: file 002, article 18; file 003 annex 1 part 5 (1)."""

    code = "own_entry"

    def __init__(self, pack_name: str, clause: str) -> None:
        super().__init__(
            _l(
                "这里有您本人录入（或别人替您录入）的改动，谁录入谁不核对（%(pack)s，%(clause)s），要由其他人核对。",
                pack=pack_name,
                clause=clause,
            )
        )


class ReturnWithoutReason(InvalidInput):
    """Who sends something back says why."""

    code = "return_without_reason"
    message = _l("退回时请写明原因，让录入的人知道怎么改。")


class EntryNotFound(NotFound):
    """No such open change, or it is somebody else's."""

    code = "entry_not_found"
    message = _l("没有找到这份待核对的改动，可能已经核对过了。请刷新页面查看。")


class ImportNotFound(NotFound):
    """No such checked file, or it is somebody else's."""

    code = "import_not_found"
    message = _l("没有找到这次导入，请重新上传文件。")


class ImportAppliedAlready(DomainError):
    """A checked file is applied once."""

    code = "import_applied_already"
    message = _l("这个文件已经导入过了，不必再导入。")


class ImportOutdated(DomainError):
    """Records have changed since the file was checked."""

    code = "import_outdated"
    message = _l("检查之后有人改了同样的项目，一项也没有导入。请重新上传文件，再检查一次。")


class TooManyRecords(InvalidInput):
    """More records than one file holds."""

    code = "too_many_records"

    def __init__(self, limit: int) -> None:
        super().__init__(_l("一次最多导出 %(limit)s 条，请先选下一级单位再导出。", limit=limit))


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with a cell of an uploaded file: its row, its column, and why."""

    row: int
    column: str
    reason: LazyString | str


class ImportRefused(InvalidInput):
    """An uploaded file has faults; nothing of it was written. `faults` names every one of them, in the file's order."""

    code = "import_refused"

    def __init__(self, faults: tuple[CellFault, ...]) -> None:
        super().__init__(
            _l("文件中有 %(count)s 处错误，一项也没有导入。请按下面的说明改好后重新上传。", count=len(faults))
        )
        self.faults = faults
