"""Forms about incidents."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired, Length

from registry_core.forms import Form, LongTextField
from registry_core.incidents.models import LONGEST_WORDS

_LENGTH = Length(max=LONGEST_WORDS, message=_l("最多 2000 字，请短一些。"))


class MeasuresForm(Form):
    """What was done."""

    measures = LongTextField(
        _l("做了什么"), [DataRequired(_l("请写明做了什么，比如通知了谁、请谁删除了下载的文件。")), _LENGTH]
    )


class ConclusionForm(Form):
    """What came of it."""

    conclusion = LongTextField(_l("结论"), [DataRequired(_l("请写明结论，再结案。")), _LENGTH])


class EvidenceForm(Form):
    """Why somebody has to look into what is sealed."""

    reason = LongTextField(
        _l("为什么要看"),
        [
            DataRequired(_l("请写明为什么要看，操作记录里会留下。")),
            Length(max=200, message=_l("原因最多 200 字，请短一些。")),
        ],
    )
