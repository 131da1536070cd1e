"""The words for entities, groups and classes of fields, and the help below a field."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.audit.values import FieldClass
from registry_core.records.code_tables import REGIONS
from registry_core.records.definitions import Field, FieldType, Group
from registry_core.records.models import Entity

ENTITIES: Mapping[Entity, LazyString] = {
    Entity.SUPERVISING_UNIT: _l("主管单位信息"),
    Entity.SCHOOL: _l("学校信息"),
    Entity.KINDERGARTEN: _l("幼儿园信息"),
    Entity.SCHOOL_TEACHER: _l("学校教师"),
    Entity.KG_TEACHER: _l("幼儿园教师"),
}
GROUPS: Mapping[Group, LazyString] = {
    Group.IDENTITY: _l("基本信息"),
    Group.PLACE: _l("所在地"),
    Group.TEACHING: _l("教学语言"),
    Group.COUNTS: _l("人数和班级"),
    Group.MEANS: _l("办学条件"),
    Group.CONTACT: _l("联系方式"),
    Group.PERSON: _l("个人信息"),
    Group.CAREER: _l("任职"),
}
CLASSES: Mapping[FieldClass, LazyString] = {
    FieldClass.PUBLIC: _l("可以公开"),
    FieldClass.INTERNAL: _l("内部使用"),
    FieldClass.PERSONAL: _l("个人信息"),
    FieldClass.SENSITIVE: _l("敏感信息"),
}
_HELP: Mapping[FieldType, LazyString] = {
    FieldType.DIGITS6: _l("6 位数字。"),
    FieldType.DIGITS10: _l("10 位数字。"),
    FieldType.YYYYMM: _l("年和月，例如 1987-09。"),
    FieldType.DATE: _l("例如 1987-09-01。"),
    FieldType.INTEGER_LIST: _l("从最低的年级起，用逗号隔开，例如 4,4,5。"),
    FieldType.DECIMAL: _l("平方米，小数最多两位。"),
}
_REGION_HELP = _l("6 位行政区划代码。")


def help_of(field: Field) -> str:
    """Say how a field is filled in, where that is not plain."""
    if field.code_table == REGIONS:
        return str(_REGION_HELP)
    return str(_HELP.get(field.type, ""))


def field_label(field: Field) -> str:
    """Name a field in the reader's language."""
    return field.label_en if str(get_locale()) == "en" else field.label_zh
