"""Refusals of the directory; each message says what to do instead."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from registry_core.errors import DomainError, InvalidInput, NotFound


class BodyNotFound(NotFound):
    """No such body, or it stands beside a unit outside the scope."""

    code = "body_not_found"
    message = _l("没有找到这个机构，可能不在您的管理范围内。请从单位页面重新进入。")


class MemberNotFound(NotFound):
    """No such seat in force within the scope."""

    code = "member_not_found"
    message = _l("没有找到这位成员，可能已经卸任。请刷新页面看看现任名单。")


class BodyExists(DomainError):
    """The unit has an open body of this kind and name."""

    code = "body_exists"
    message = _l("这个单位已经有同名的机构，请直接修改它，或换一个名称。")


class BodyIsClosed(DomainError):
    """Nothing changes about a body that has ceased to exist."""

    code = "body_is_closed"
    message = _l("这个机构已经撤销，记录只供查看。需要时请在单位页面新设一个。")


class LeaderExists(DomainError):
    """A body has one leader at a time."""

    code = "leader_exists"

    def __init__(self, name: str) -> None:
        super().__init__(_l("现任组长（负责人）是%(name)s，请先登记卸任，再登记新的人选。", name=name))


class EntryNotFound(NotFound):
    """No such entry in force within the scope."""

    code = "entry_not_found"
    message = _l("没有找到这条登记，可能已经停用。请刷新页面看看现在的名单。")


class PostNotHere(InvalidInput):
    """A unit of this level does not have the post."""

    code = "post_not_here"
    message = _l("这一级单位没有这个岗位。运行维护、安全等责任人和运维岗位只在省级登记。")


class DutiesMissing(InvalidInput):
    """An operating post says what its holder does."""

    code = "duties_missing"
    message = _l("运维岗位要写明职责，例如：负责数据库每日备份。")


class StampNotHere(DomainError):
    """The city stamps for its counties; only a county directly under a province stamps for itself."""

    code = "stamp_not_here"
    message = _l("通讯录由市级为本级和所辖区县确认（省直管县自己确认），请在市级单位的页面上操作。")


class AlreadyStamped(DomainError):
    """Nothing has changed since the last stamp of this round."""

    code = "already_stamped"
    message = _l("内容与上次确认时完全一样，不需要再确认。有变动后再来确认即可。")


class RoundNotHere(DomainError):
    """Rounds are opened by a province."""

    code = "round_not_here"
    message = _l("收集由省级发起，请在省级单位的页面上操作。")


class RoundIsOpen(DomainError):
    """One round at a time."""

    code = "round_is_open"
    message = _l("已有一轮收集正在进行，请先结束它，再发起新的一轮。")


class RoundNotFound(NotFound):
    """No such open round within the scope."""

    code = "round_not_found"
    message = _l("没有找到这轮收集，可能已经结束。")


class DueDayOver(InvalidInput):
    """A round is due in the future."""

    code = "due_day_over"
    message = _l("截止日期要晚于今天，请重新选择。")


class OnlySchools(DomainError):
    """Departments come from the table of divisions."""

    code = "only_schools"
    message = _l("这里只能办理学校和教学点。主管部门的更名、撤销按行政区划表办理，请联系部级管理员。")


class PaperNumberMissing(InvalidInput):
    """Where codes are applied for, one recorded directly names the paper on which it was decided."""

    code = "paper_number_missing"
    message = _l("这里的学校标识码要网上申请。已有书面批准文件、需要直接登记的，请填写文件的文号。")


class SchoolIsClosed(DomainError):
    """Nothing more becomes of a school that has ceased to exist."""

    code = "school_is_closed"
    message = _l("这所学校已经撤销，不能再办理。请核对选的学校。")


class NameUnchanged(InvalidInput):
    """A renaming needs another name."""

    code = "name_unchanged"
    message = _l("新名称与现在的一样，请填写新的全称。")


class MergedIntoItself(InvalidInput):
    """A school goes over into another school that is open."""

    code = "merged_into_itself"
    message = _l("请选择另一所仍在运行的学校来接收，教学点不能接收学校。")


class CodeNotRight(InvalidInput):
    """A code cannot be right: its shape, class or province."""

    code = "code_not_right"


class NoProcedure(DomainError):
    """No rule pack carries the procedure at this unit."""

    code = "no_procedure"
    message = _l("您所在地区的规则里没有这个申请流程，请联系主管教育行政部门的学籍管理员直接办理。")


class CodeHeld(DomainError):
    """A school that bears a code needs no other."""

    code = "code_held"

    def __init__(self, code: str) -> None:
        super().__init__(
            _l("这所学校已有标识码 %(code)s，不用再申请。如有错误，请联系主管教育行政部门更正。", code=code)
        )


class SchoolHasTeachingPoints(DomainError):
    """A school with teaching points or schools under its care is merged, or these are settled first."""

    code = "school_has_teaching_points"
    message = _l("这所学校还带着教学点或代管的学校，请先撤销或移交它们；如果整体并入别的学校，请改用“合并”。")


class ListNotFound(NotFound):
    """No such code list within the scope."""

    code = "list_not_found"
    message = _l("没有找到这份代码表，请重新上传。")


class ListApplied(DomainError):
    """A list is applied once."""

    code = "list_applied"
    message = _l("这份代码表已经执行过了，结果就在本页。有新的代码表请重新上传。")


class ListOutdated(DomainError):
    """Something has changed since the effects were shown."""

    code = "list_outdated"
    message = _l("您查看之后学校有了变动，影响与刚才看到的不同，什么都没有改。请在本页再核对一遍，然后执行。")


class ListBlocked(DomainError):
    """A school that the list deletes still has others hanging on it."""

    code = "list_blocked"
    message = _l("有学校不能直接撤销，请先办理本页列出的教学点或代管学校，什么都没有改。")


class ListColumnsMissing(InvalidInput):
    """The file lacks a column."""

    code = "list_columns_missing"
    message = _l("表头要有“学校标识码”“学校名称”“区划代码”三列（或 code、name、county），请补上再上传。")
