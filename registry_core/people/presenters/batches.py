"""Batches of accounts in words: the template and its legend, faults, states, numbers by unit and role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.access.actors import Actor
from registry_core.access.models import Role
from registry_core.access.roles import CONFLICTS, DEFINITIONS, RoleDefinition
from registry_core.orgs.models import Level, OrgUnit
from registry_core.people.columns import NEEDED, TO_MEND, Column
from registry_core.people.faults import Fault, FaultKind, read_fault
from registry_core.people.models import AccountBatch, BatchReason, BatchState
from registry_core.people.presenters.explaining import level_name
from registry_core.sheets import Sheet

MOST_FAULTS = 200
MOST_COUNTED = 200
COLUMN_WIDTH = 18.0

FAULTS: Mapping[FaultKind, LazyString] = {
    FaultKind.NAME_MISSING: _l("请填写姓名。"),
    FaultKind.NAME_LONG: _l("姓名最多 60 个字。"),
    FaultKind.MOBILE_WRONG: _l("手机号是 11 位数字，请检查。"),
    FaultKind.MOBILE_TWICE: _l(
        "第 %(other)s 行已经用了这个手机号。同一个人写几行的，姓名、手机号和邮箱要完全一样；"
        "不是同一个人的，请改手机号。"
    ),
    FaultKind.MOBILE_KNOWN: _l("已有账号用这个手机号。请删去这一行，在“人员与账号”里找到他，直接授予角色。"),
    FaultKind.EMAIL_WRONG: _l("邮箱的写法不对，请检查，例如 name@example.cn。"),
    FaultKind.EMAIL_TWICE: _l(
        "第 %(other)s 行已经用了这个邮箱。同一个人写几行的，姓名、手机号和邮箱要完全一样；不是同一个人的，请改邮箱。"
    ),
    FaultKind.EMAIL_KNOWN: _l("已有账号用这个邮箱。请删去这一行，在“人员与账号”里找到他，直接授予角色。"),
    FaultKind.NOWHERE_TO_SEND: _l("请至少填写手机号或邮箱，用户名和一次性密码要发到那里。"),
    FaultKind.UNIT_MISSING: _l("您管理几个单位，请填写单位代码或单位名称。"),
    FaultKind.UNIT_UNKNOWN: _l("没有这个单位，或不在您的管理范围内，或已撤销。请对照模板里的“单位”表填写。"),
    FaultKind.UNIT_AMBIGUOUS: _l("有 %(count)s 个单位叫这个名称，请改填单位代码。"),
    FaultKind.UNIT_UNLIKE: _l("这个单位代码是“%(unit)s”的，和名称对不上。请改正其中一个，或只填一个。"),
    FaultKind.ROLE_MISSING: _l("请填写角色，名称见模板里的“角色”表。"),
    FaultKind.ROLE_UNKNOWN: _l("没有这个角色，请照模板里的“角色”表填写；一行写一个角色。"),
    FaultKind.ROLE_NOT_OFFERED: _l("这个角色属于后续阶段，目前还没有开放。"),
    FaultKind.ROLE_NOT_HERE: _l("这个角色不能设在“%(unit)s”，请换一个角色或单位。"),
    FaultKind.ROLE_NOT_GIVEN: _l("您不能在“%(unit)s”授予这个角色。请删去这一行，由该单位的超级管理员或上级办理。"),
    FaultKind.ROLE_TWICE: _l("此人的这个角色在前面的行里已经写过，请删去这一行。"),
    FaultKind.ROLES_CONFLICT: _l("此人从第 %(other)s 行起的角色和这个角色不能由一人担任。%(rule)s"),
    FaultKind.NARROWING_MISSING: _l("这个角色要写明负责的年级或班级，例如 2024级 或 2024级1班。"),
    FaultKind.NARROWING_NEEDLESS: _l("只有年级管理员、班级管理员要填这一格，请清空。"),
    FaultKind.NARROWING_LONG: _l("年级或班级最多 40 个字。"),
    FaultKind.USER_NAME_WRONG: _l("用户名用 3 到 60 个字母、数字、点、横线或下划线；不填就由系统取。"),
    FaultKind.USER_NAME_TWICE: _l("第 %(other)s 行已经用了这个用户名，请换一个，或留空由系统取。"),
    FaultKind.USER_NAME_TAKEN: _l("这个用户名已经有人用了，请换一个，或留空由系统取。"),
    FaultKind.USER_NAME_UNLIKE: _l("同一个人在第 %(other)s 行写的是别的用户名，请改成一样或留空。"),
    FaultKind.DATE_WRONG: _l("日期请写成 2026-09-01 这样。"),
    FaultKind.SINCE_PAST: _l("起始日期不能早于今天；马上生效的请留空。"),
    FaultKind.SINCE_FAR: _l("起始日期最多在一年以内，请检查年份。"),
    FaultKind.UNTIL_EARLY: _l("截止日期不能早于起始日期，也不能早于今天。长期有效的请留空。"),
}


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A fault as the page shows it."""

    row: int
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class CountRow:
    """How many people get a role at a unit."""

    unit: str
    role: str
    count: int


TONES = {
    BatchState.FAULTY: ("overdue", "alert-triangle"),
    BatchState.CHECKED: ("waiting", "clipboard-text"),
    BatchState.WAITING: ("talking", "hourglass"),
    BatchState.APPLIED: ("solved", "circle-check"),
    BatchState.REFUSED: ("overdue", "alert-triangle"),
    BatchState.DROPPED: ("closed", "trash"),
}


def state_name(state: BatchState) -> str:
    """Name the state of a batch."""
    return {
        BatchState.FAULTY: _("有要改的地方"),
        BatchState.CHECKED: _("检查通过，还没有开通"),
        BatchState.WAITING: _("正在开通"),
        BatchState.APPLIED: _("已开通"),
        BatchState.REFUSED: _("没有开通"),
        BatchState.DROPPED: _("已删除"),
    }[state]


def reason_text(batch: AccountBatch) -> str:
    """Say why nothing was opened, and what to do."""
    if batch.reason is BatchReason.RIGHTS:
        return _("开通时，您已经没有开通账号的权限或账号已停用，所以一个账号也没有开通。请联系本单位的超级管理员。")
    if batch.reason is BatchReason.ROWS:
        return _("检查通过以后情况有了变化，下面这些行不再成立，所以一个账号也没有开通。改好后请重新上传。")
    return _("后台一天之内没有办成，一个账号也没有开通。请重新上传；再不行请向服务台提问。")


def fault_text(fault: Fault) -> str:
    """Say what is wrong with a cell, and what to do."""
    details = dict(fault.details)
    if fault.kind is FaultKind.ROLES_CONFLICT:
        broken = (one.rule for one in CONFLICTS if one.code == details.get("conflict"))
        details["rule"] = str(next(broken, ""))
    text = str(FAULTS[fault.kind])
    return text % details if details else text


def read_faults(kept: Sequence[Mapping[str, Any]]) -> list[FaultRow]:
    """Present faults as a batch keeps them."""
    faults = [read_fault(one) for one in kept]
    return [FaultRow(fault.row, fault.column.value, fault_text(fault)) for fault in faults]


def present_summary(batch: AccountBatch) -> list[CountRow]:
    """Present how many people get which role at which unit."""
    return [CountRow(unit, str(DEFINITIONS[Role(role)].name), count) for unit, role, count in batch.summary]


def faulty_sheet(batch: AccountBatch) -> Sheet:
    """Write the rows of a batch with what is to be mended in the last column, to be filled in and uploaded again."""
    texts: dict[int, list[str]] = {}
    for fault in read_faults(batch.faults):
        texts.setdefault(fault.row, []).append(_("%(column)s：%(text)s", column=fault.column, text=fault.text))
    rows = [[*cells, " ".join(texts.get(number, ()))] for number, cells in batch.rows or ()]
    return Sheet(_("名单"), [*(column.value for column in Column), TO_MEND], rows, width=COLUMN_WIDTH)


def template_sheets(actor: Actor, units: Sequence[tuple[OrgUnit, str | None, str]], *, is_cut: bool) -> list[Sheet]:
    """Lay out the template: an empty list, how to fill it in, the roles that the actor may give, and the units."""
    roles = [one for one in DEFINITIONS.values() if one.is_offered and _levels(actor, one)]
    role_title = _("角色")
    role_header = [_("角色"), _("做什么"), _("可以设在"), _("年级或班级")]
    role_rows = [[str(one.name), str(one.duty), _name_levels(actor, one), _narrowing(one)] for one in roles]
    unit_rows = [[code or "", unit.name, place] for unit, code, place in units]
    if is_cut:
        unit_rows.append(["", _("单位太多，这里没有列全。其余的请填单位代码，或单位全称。"), ""])
    header = [f"{column.value}*" if column in NEEDED else column.value for column in Column]
    choices = {list(Column).index(Column.ROLE): (role_title, len(roles))}
    return [
        Sheet(_("名单"), header, choices=choices, width=COLUMN_WIDTH),
        Sheet(_("怎么填"), [_("列"), _("怎么填")], [[column.value, str(HOW[column])] for column in Column], width=40.0),
        Sheet(role_title, role_header, role_rows, width=COLUMN_WIDTH),
        Sheet(_("单位"), [Column.UNIT_CODE.value, Column.UNIT_NAME.value, _("所在")], unit_rows, width=30.0),
    ]


HOW: Mapping[Column, LazyString] = {
    Column.NAME: _l("必填。一人一行；一人有几个角色的写几行，姓名、手机号和邮箱要完全一样。"),
    Column.MOBILE: _l("11 位数字。手机号和邮箱至少填一个，用户名和一次性密码发到那里。"),
    Column.EMAIL: _l("例如 name@example.cn。"),
    Column.UNIT_CODE: _l("见“单位”表。单位代码和单位名称填一个就行；您只管一个单位的，两格都可以空着。"),
    Column.UNIT_NAME: _l("单位全称，见“单位”表。有同名单位的要填单位代码。"),
    Column.ROLE: _l("必填。从“角色”表里选，一行一个。"),
    Column.NARROWED_TO: _l("只有年级管理员、班级管理员要填，例如 2024级 或 2024级1班。"),
    Column.USER_NAME: _l("可不填，系统会用姓名的拼音首字母加手机号末四位。"),
    Column.SINCE: _l("可不填，不填就马上生效。例如 2026-09-01。账号和一次性密码不等这一天，开通后就发出。"),
    Column.UNTIL: _l("可不填，不填就长期有效。角色用到这一天为止，当天还有效。"),
}


def _levels(actor: Actor, definition: RoleDefinition) -> list[Level]:
    """List the levels at which the actor may give a role somewhere."""
    givers = [held for held in actor.assignments if held.role in definition.given_by]
    return [
        level
        for level in Level
        if level in definition.levels
        and any(
            level is held.unit_level or (held.role is Role.SUPER_ADMINISTRATOR and level.rank >= held.unit_level.rank)
            for held in givers
        )
    ]


def _name_levels(actor: Actor, definition: RoleDefinition) -> str:
    return _("、").join(level_name(level) for level in _levels(actor, definition))


def _narrowing(definition: RoleDefinition) -> str:
    return _("要填") if definition.is_narrow else _("空着")
