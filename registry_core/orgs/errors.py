"""Refusals about the tree; each message says what to do instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.errors import DomainError, InvalidInput, NotFound


class UnitNotFound(NotFound):
    """No such unit, or it lies outside the scope."""

    code = "unit_not_found"
    message = _l("没有找到这个单位，请核对名称或代码，或确认它在您的管理范围内。")


class PlaceDoesNotFit(DomainError):
    """A unit of this level cannot hang there."""

    code = "place_does_not_fit"
    message = _l(
        "这一级的单位不能放在所选的上级之下。省属部，市属省，县属市或省，学校属县、市、省或部，教学点属学校，请另选上级。"
    )


class WouldBeOwnAncestor(DomainError):
    """A unit cannot move below itself."""

    code = "would_be_own_ancestor"
    message = _l("不能把单位移到它自己的下级之中，请选择它范围以外的上级。")


class MinistryExists(DomainError):
    """The tree has one top."""

    code = "ministry_exists"
    message = _l("部级单位已经存在，全国只有一个，请直接使用。")


class UnitIsClosed(DomainError):
    """Nothing new can hang under a unit that has ceased to exist."""

    code = "unit_is_closed"
    message = _l("所选单位已经撤销，请选择仍在运行的单位。")


class UnitHasOpenChildren(DomainError):
    """A unit cannot close while others hang under it or are managed by it."""

    code = "unit_has_open_children"
    message = _l("该单位之下还有在运行的单位，请先把它们移走或撤销，再撤销该单位。")


class CentreDoesNotFit(DomainError):
    """Only a school that is not managed itself can manage another school."""

    code = "centre_does_not_fit"
    message = _l("只有学校才能由中心校管理，中心校自己不能再归别的学校管理，请另选中心校。")


class NameMissing(InvalidInput):
    """A unit or body needs a name."""

    code = "name_missing"
    message = _l("名称不能为空，请填写全称。")


class CodeMalformed(InvalidInput):
    """A code has not the shape of its scheme."""

    code = "code_malformed"
    message = _l("代码格式不对：行政区划代码为 6 位数字，学校标识码为 10 位数字，请核对后再填。")


class CodeTaken(DomainError):
    """Another unit bears the code in that time."""

    code = "code_taken"

    def __init__(self, unit_name: str) -> None:
        super().__init__(_l("这个代码在该时段已属于“%(name)s”，请核对代码或生效日期。", name=unit_name))


class CodePeriodTaken(DomainError):
    """The unit already bears another code from that day on or later."""

    code = "code_period_taken"

    def __init__(self, valid_from: date) -> None:
        super().__init__(_l("该单位自 %(day)s 起已有代码，请选择更晚的生效日期。", day=valid_from.isoformat()))


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row of a file that cannot be loaded: its line in the file (the header is line 1) and why."""

    line: int
    reason: LazyString | str

    @property
    def text(self) -> str:
        """The fault in the language of the person who loads the file."""
        return str(_l("第 %(line)s 行：%(reason)s", line=self.line, reason=str(self.reason)))


class LoadRefused(InvalidInput):
    """A file has wrong rows; nothing of it was loaded. `faults` names every one of them in the file's order."""

    code = "load_refused"

    def __init__(self, faults: tuple[RowFault, ...]) -> None:
        super().__init__(
            _l("文件中有 %(count)s 处错误，一行也没有写入。请按下面的说明改正后重新导入。", count=len(faults))
        )
        self.faults = faults
