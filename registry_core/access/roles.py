"""What each role is: its name, where it may be held, who gives it, and which rule says so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.access.models import Role
from registry_core.orgs.models import Level

ANY_LEVEL = frozenset(Level)
DEPARTMENTS = frozenset(Level) - {Level.SCHOOL}
SCHOOLS = frozenset({Level.SCHOOL})

PLATFORM_RULES = _l("《运行维护管理规则》第十七条")
REGISTRY_RULES = _l("《关键业务操作说明》第五部分（一）")
OPENING_RULES = _l("《浙江省电子学籍系统管理办法》第十六至十八条")
HOUSE_RULES = _l("本平台约定")


class Family(StrEnum):
    """What a role is for."""

    PLATFORM = "platform"
    REGISTRY = "registry"
    SUPPORT = "support"
    TRAINING = "training"
    ANNOUNCEMENTS = "announcements"
    REPORTS = "reports"
    READERS = "readers"


@dataclass(frozen=True, slots=True)
class RoleDefinition:
    """One role as the rules describe it.

    `given_by` are the roles that may give it, at their own unit and, for those who reach down, below.
    """

    role: Role
    family: Family
    name: LazyString
    duty: LazyString
    clause: LazyString
    levels: frozenset[Level]
    given_by: frozenset[Role]
    is_narrow: bool = False
    """Held for one grade or class of the unit, which has to be named."""
    is_offered: bool = True
    """Parents and teachers come in a later phase of article 19: described, and not yet given to anybody."""


SUPER = frozenset({Role.SUPER_ADMINISTRATOR})
ADMINISTRATORS = frozenset({Role.SUPER_ADMINISTRATOR, Role.REGISTRY_ADMINISTRATOR})

_DEFINITIONS = (
    RoleDefinition(
        Role.SUPER_ADMINISTRATOR,
        Family.PLATFORM,
        _l("超级管理员"),
        _l("管理组织结构，创建本级和下级人员账号，设置账号权限，分配账号角色，发布与审核公告。"),
        PLATFORM_RULES,
        ANY_LEVEL,
        SUPER,
    ),
    RoleDefinition(
        Role.REGISTRY_ADMINISTRATOR,
        Family.PLATFORM,
        _l("学籍管理员"),
        _l("创建并认证本单位学籍系统人员；学校录入和申请，主管部门核办。"),
        PLATFORM_RULES,
        ANY_LEVEL,
        SUPER,
    ),
    RoleDefinition(
        Role.ORDINARY_USER,
        Family.PLATFORM,
        _l("普通用户"),
        _l("沟通交流、业务咨询、信息查询。"),
        PLATFORM_RULES,
        ANY_LEVEL,
        ADMINISTRATORS,
    ),
    RoleDefinition(
        Role.REGISTRY_LEADER,
        Family.REGISTRY,
        _l("学籍主管领导"),
        _l("学校：核办学生学籍信息和学籍变动。主管部门：查询数据、统计分析。"),
        REGISTRY_RULES,
        ANY_LEVEL,
        SUPER,
    ),
    RoleDefinition(
        Role.SYSTEM_ADMINISTRATOR,
        Family.REGISTRY,
        _l("系统管理员"),
        _l("负责系统配置管理，不参与学籍业务管理。"),
        REGISTRY_RULES,
        ANY_LEVEL,
        SUPER,
    ),
    RoleDefinition(
        Role.READ_ONLY_USER,
        Family.REGISTRY,
        _l("部门查询用户"),
        _l("查询和统计本地区的数据，不做任何修改。"),
        OPENING_RULES,
        DEPARTMENTS,
        ADMINISTRATORS,
    ),
    RoleDefinition(
        Role.CENTRE_SCHOOL_ADMINISTRATOR,
        Family.REGISTRY,
        _l("中心校管理员"),
        _l("管理中心校所辖各校的学校数据。"),
        OPENING_RULES,
        SCHOOLS,
        ADMINISTRATORS,
    ),
    RoleDefinition(
        Role.SCHOOL_USER,
        Family.REGISTRY,
        _l("学校用户"),
        _l("录入和维护本校学生数据。"),
        OPENING_RULES,
        SCHOOLS,
        ADMINISTRATORS,
    ),
    RoleDefinition(
        Role.GRADE_ADMINISTRATOR,
        Family.REGISTRY,
        _l("年级管理员"),
        _l("核对本年级的班级数据和学生数据。"),
        OPENING_RULES,
        SCHOOLS,
        ADMINISTRATORS,
        is_narrow=True,
    ),
    RoleDefinition(
        Role.CLASS_ADMINISTRATOR,
        Family.REGISTRY,
        _l("班级管理员"),
        _l("录入和维护本班学生数据。"),
        OPENING_RULES,
        SCHOOLS,
        ADMINISTRATORS,
        is_narrow=True,
    ),
    RoleDefinition(
        Role.LEADING_GROUP_MEMBER,
        Family.REGISTRY,
        _l("领导小组成员"),
        _l("审核学生的成长记录和综合素质评价。"),
        OPENING_RULES,
        ANY_LEVEL,
        ADMINISTRATORS,
    ),
    RoleDefinition(
        Role.STUDENT,
        Family.REGISTRY,
        _l("学生"),
        _l("只看自己的数据，有误时提出异议。"),
        OPENING_RULES,
        SCHOOLS,
        ADMINISTRATORS,
    ),
    RoleDefinition(
        Role.TECHNICIAN,
        Family.SUPPORT,
        _l("技术支持"),
        _l("在本单位服务台接答问题。"),
        HOUSE_RULES,
        ANY_LEVEL,
        SUPER,
    ),
    RoleDefinition(
        Role.DESK_LEAD,
        Family.SUPPORT,
        _l("服务台负责人"),
        _l("接答问题，并管理服务台的开放时间和响铃时长。"),
        HOUSE_RULES,
        ANY_LEVEL,
        SUPER,
    ),
    RoleDefinition(
        Role.TRAINER,
        Family.TRAINING,
        _l("培训师"),
        _l("开课、授课、记录出勤。"),
        HOUSE_RULES,
        ANY_LEVEL,
        SUPER,
    ),
    RoleDefinition(
        Role.EXAMINER,
        Family.TRAINING,
        _l("考务管理员"),
        _l("组织考试，颁发证书。"),
        HOUSE_RULES,
        ANY_LEVEL,
        SUPER,
    ),
    RoleDefinition(
        Role.MARKER,
        Family.TRAINING,
        _l("阅卷人"),
        _l("评阅主观题。"),
        HOUSE_RULES,
        ANY_LEVEL,
        SUPER,
    ),
    RoleDefinition(
        Role.ANNOUNCEMENT_AUTHOR,
        Family.ANNOUNCEMENTS,
        _l("公告拟稿人"),
        _l("起草公告，选定收文范围。"),
        HOUSE_RULES,
        ANY_LEVEL,
        SUPER,
    ),
    RoleDefinition(
        Role.ANNOUNCEMENT_REVIEWER,
        Family.ANNOUNCEMENTS,
        _l("公告审核人"),
        _l("发布前审核公告；不审核自己起草的公告。"),
        HOUSE_RULES,
        ANY_LEVEL,
        SUPER,
    ),
    RoleDefinition(
        Role.REPORT_OWNER,
        Family.REPORTS,
        _l("月报负责人"),
        _l("填报每月的工作月报。"),
        HOUSE_RULES,
        DEPARTMENTS,
        SUPER,
    ),
    RoleDefinition(
        Role.REPORT_SIGNER,
        Family.REPORTS,
        _l("月报签发人"),
        _l("审核并签发月报。"),
        HOUSE_RULES,
        DEPARTMENTS,
        SUPER,
    ),
    RoleDefinition(
        Role.REPORT_SEALER,
        Family.REPORTS,
        _l("月报用印人"),
        _l("为签发的月报加盖电子印章。"),
        HOUSE_RULES,
        DEPARTMENTS,
        SUPER,
    ),
    RoleDefinition(
        Role.FINANCE_READER,
        Family.READERS,
        _l("财政查询用户"),
        _l("按规定的用途查询汇总数据。"),
        HOUSE_RULES,
        DEPARTMENTS,
        SUPER,
    ),
    RoleDefinition(
        Role.TEACHER,
        Family.READERS,
        _l("教师"),
        _l("第二阶段开放：咨询和查询。"),
        _l("《运行维护管理规则》第十九条"),
        SCHOOLS,
        ADMINISTRATORS,
        is_offered=False,
    ),
    RoleDefinition(
        Role.PARENT,
        Family.READERS,
        _l("家长"),
        _l("第三阶段开放：咨询和查询。"),
        _l("《运行维护管理规则》第十九条"),
        SCHOOLS,
        ADMINISTRATORS,
        is_offered=False,
    ),
)

DEFINITIONS = {definition.role: definition for definition in _DEFINITIONS}


REGISTRY_ROLES = frozenset(
    {
        Role.REGISTRY_ADMINISTRATOR,
        Role.REGISTRY_LEADER,
        Role.READ_ONLY_USER,
        Role.CENTRE_SCHOOL_ADMINISTRATOR,
        Role.SCHOOL_USER,
        Role.GRADE_ADMINISTRATOR,
        Role.CLASS_ADMINISTRATOR,
        Role.LEADING_GROUP_MEMBER,
    }
)
REGISTRY_RIGHTS_BARRED = frozenset({Role.SYSTEM_ADMINISTRATOR})
"""Who holds one of these takes no part in registry business, whatever else they hold."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two groups of roles that one person may not hold at the same time, and the rule that says so."""

    code: str
    one: frozenset[Role]
    other: frozenset[Role]
    rule: LazyString

    def forbids(self, held: Collection[Role], wanted: Role) -> bool:
        """Say whether somebody who holds these roles may not be given the wanted one."""
        return (wanted in self.one and not self.other.isdisjoint(held)) or (
            wanted in self.other and not self.one.isdisjoint(held)
        )


CONFLICTS = (
    Conflict(
        "system_and_registry",
        REGISTRY_RIGHTS_BARRED,
        REGISTRY_ROLES,
        _l("系统管理员负责系统配置，不参与学籍业务管理（《关键业务操作说明》第五部分（一））。"),
    ),
)


def find_conflict(held: Collection[Role], wanted: Role) -> Conflict | None:
    """Find the rule that keeps somebody with these roles from being given another one."""
    return next((conflict for conflict in CONFLICTS if conflict.forbids(held, wanted)), None)
