"""Shape of what is typed about applications."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectMultipleField, validators
from wtforms.validators import DataRequired, InputRequired, Length

from registry_core.approvals.models import DecisionKind
from registry_core.approvals.policies import LONGEST_REASON, MOST_AT_ONCE
from registry_core.forms import ChoiceField, Form, LongTextField

_TOO_LONG = Length(max=LONGEST_REASON, message=_l("最多 %(max)d 字，请精简一些。"))
_CHOICES = [
    (DecisionKind.APPROVE, _l("同意")),
    (DecisionKind.RETURN, _l("退回补正")),
    (DecisionKind.REJECT, _l("不同意")),
]


class ReasonForm(Form):
    """A button with an optional word."""

    reason = LongTextField(_l("说明"), [_TOO_LONG])


class VerdictForm(ReasonForm):
    """What is decided about one step, and why."""

    step_id = HiddenField(validators=[validators.UUID(_l("页面不完整，请刷新后再试。"))])
    kind = ChoiceField(_l("决定"), choices=_CHOICES, validators=[InputRequired(_l("请选择同意、退回或不同意。"))])


class BulkForm(ReasonForm):
    """What is decided about many steps alike; turning down is done one by one."""

    steps = SelectMultipleField(
        _l("申请"),
        coerce=UUID,
        validate_choice=False,
        validators=[
            InputRequired(_l("请先勾选要办理的申请。")),
            Length(max=MOST_AT_ONCE, message=_l("一次最多办理 %(max)d 份，请分几次。")),
        ],
    )
    kind = ChoiceField(_l("决定"), choices=_CHOICES[:2], validators=[InputRequired(_l("请选择同意或退回。"))])


class NoteForm(Form):
    """What is said when something is sent in again."""

    note = LongTextField(_l("补正说明"), [DataRequired(_l("请写明补正了什么，审批人才好接着办。")), _TOO_LONG])
