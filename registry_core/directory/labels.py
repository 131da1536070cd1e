"""Levels, kinds and seats in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.directory.models import Post
from registry_core.orgs.models import BodyKind, CodeScheme, Level, OrgUnit, Seat, UnitKind

LEVELS: Mapping[Level, LazyString] = {
    Level.MINISTRY: _l("部级"),
    Level.PROVINCE: _l("省级"),
    Level.CITY: _l("市级"),
    Level.COUNTY: _l("县级"),
    Level.SCHOOL: _l("学校"),
}
KINDS: Mapping[UnitKind, LazyString] = {
    UnitKind.AUTHORITY: _l("主管部门"),
    UnitKind.ZONE: _l("开发区等统计区划"),
    UnitKind.STATISTICAL: _l("仅统计使用"),
    UnitKind.GROUPING: _l("没有政府的分组"),
    UnitKind.SCHOOL: _l("学校"),
    UnitKind.TEACHING_POINT: _l("教学点"),
}
SCHEMES: Mapping[CodeScheme, LazyString] = {
    CodeScheme.GBT2260: _l("行政区划代码"),
    CodeScheme.SCHOOL_CODE: _l("学校标识码"),
}
BODY_KINDS: Mapping[BodyKind, LazyString] = {
    BodyKind.LEADING_GROUP: _l("领导小组"),
    BodyKind.WORKING_GROUP: _l("工作小组"),
    BodyKind.SERVICE_CENTRE: _l("服务中心"),
    BodyKind.INFORMATION_CENTRE: _l("信息中心（电教馆）"),
    BodyKind.CODE_PLANNING_OFFICE: _l("代码规划部门"),
    BodyKind.ADMISSIONS_OFFICE: _l("招生办公室"),
    BodyKind.EXAMINATION_AUTHORITY: _l("考试院"),
    BodyKind.FINANCE_BUREAU: _l("财政部门"),
}
SEATS: Mapping[Seat, LazyString] = {
    Seat.LEADER: _l("组长（负责人）"),
    Seat.DEPUTY: _l("副组长"),
    Seat.MEMBER: _l("成员"),
    Seat.OFFICE: _l("办公室"),
}
POSTS: Mapping[Post, LazyString] = {
    Post.REGISTRY_LEADER: _l("学籍管理工作负责人"),
    Post.REGISTRY_ADMINISTRATOR: _l("学籍管理员"),
    Post.TECHNICIAN: _l("技术支持人员"),
    Post.OPERATION: _l("运行维护责任人"),
    Post.SECURITY: _l("系统安全责任人"),
    Post.TRAINING: _l("系统培训责任人"),
    Post.TECHNICAL_SUPPORT: _l("技术支持服务责任人"),
    Post.MONTHLY_REPORT: _l("月报责任人"),
    Post.HARDWARE: _l("硬件工程师"),
    Post.NETWORK: _l("网络工程师"),
    Post.OPERATING_SYSTEM: _l("操作系统工程师"),
    Post.DATABASE: _l("数据库工程师"),
    Post.APPLICATION: _l("应用系统维护工程师"),
}


def unit_label(unit: OrgUnit) -> str:
    """Say what a unit is: a department by its level, a school or another row by its kind."""
    return str(LEVELS[unit.level] if unit.kind is UnitKind.AUTHORITY else KINDS[unit.kind])
