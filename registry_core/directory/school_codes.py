"""What can be checked of a ten-digit school code (学校标识码): two digits of class, two of the province, six of serial.

The digits of the class are those of the ministry's rules for codes of schools (2011). No source at hand names a check
digit, so none is computed: a wrong serial is only noticed when another school bears the code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

CLASSES: Mapping[str, LazyString] = {
    "11": _l("幼儿园"),
    "21": _l("小学"),
    "22": _l("成人小学"),
    "31": _l("普通初中"),
    "32": _l("职业初中"),
    "33": _l("成人初中"),
    "34": _l("普通高中"),
    "35": _l("成人高中"),
    "36": _l("中等职业学校"),
    "37": _l("专门学校（工读）"),
    "41": _l("普通高等学校"),
    "42": _l("成人高等学校"),
    "51": _l("特殊教育学校"),
    "91": _l("培养研究生的科研机构"),
    "92": _l("民办的其他高等教育机构"),
    "93": _l("中等职业培训机构"),
}
_SHAPE = re.compile(r"[0-9]{10}")


def find_fault(code: str, province: str | None) -> LazyString | None:
    """Say what is wrong with a code, given the division code of the province (None where it has none)."""
    if not _SHAPE.fullmatch(code):
        return _l("学校标识码“%(code)s”不是 10 位数字，请核对。", code=code)
    if code[:2] not in CLASSES:
        return _l("学校标识码“%(code)s”的前两位不是办学类型，小学是 21，普通初中是 31，请核对。", code=code)
    if province is not None and code[2:4] != province[:2]:
        return _l("学校标识码“%(code)s”的第 3、4 位应是本省的 %(wanted)s，请核对。", code=code, wanted=province[:2])
    return None
