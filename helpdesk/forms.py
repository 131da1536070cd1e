"""Shape of what people type at the help desk, with a message for each field."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from chat.models import LONGEST_MESSAGE
from helpdesk.hours import read_typed
from registry_core.calendars.errors import HoursMalformed
from registry_core.calendars.hours_text import Slots
from registry_core.forms import ChoiceField, Form, LongTextField, TextField

_WRITE = DataRequired(_l("还没有写内容，写几个字再提交吧。"))
_TOO_LONG = _l("内容太长了，最多 %(longest)s 字，请精简一些。", longest=LONGEST_MESSAGE)
_SHORT_TEXT = Length(max=300, message=_l("内容太长了，最多 300 字，请精简一些。"))

MOST_SLOTS = 5
"""Opening slots of one day: a week of so many fits into `Desk.weekly_slots`."""


class AskForm(Form):
    """A question: one box. Length is the channel's rule, told by it."""

    body = LongTextField(_l("您的问题"), [_WRITE])
    client_id = HiddenField(validators=[DataRequired(_l("页面不完整，请刷新后再提交。")), Length(max=64)])
    page = HiddenField(validators=[Optional()])


class RecordForm(Form):
    """The problem record that is left when nobody is there."""

    happened = LongTextField(
        _l("发生了什么"), [DataRequired(_l("请写一下发生了什么，同事才好着手。")), Length(max=4000, message=_TOO_LONG)]
    )
    tried = LongTextField(_l("我试过什么"), [Length(max=4000, message=_TOO_LONG)])
    place = TextField(_l("在哪里"), [_SHORT_TEXT])
    since = TextField(_l("从什么时候开始"), [Length(max=100, message=_l("最多 100 字，请精简一些。"))])
    pupils = IntegerField(
        _l("涉及多少名学生"),
        [Optional(), NumberRange(min=0, max=1_000_000, message=_l("请填 0 到 1000000 之间的整数，不清楚可以留空。"))],
    )
    urgency = ChoiceField(
        _l("有多急"),
        choices=[("low", _l("不急")), ("normal", _l("一般")), ("high", _l("很急"))],
        default="normal",
    )
    reach = TextField(_l("怎么联系您"), [Length(max=200, message=_l("最多 200 字，请精简一些。"))])


class ReasonForm(Form):
    """Why it is not solved yet."""

    reason = LongTextField(_l("还差什么？"), [_WRITE, Length(max=2000, message=_l("最多 2000 字，请精简一些。"))])


class SummaryForm(Form):
    """The summary that goes up with a question."""

    summary = LongTextField(_l("小结"), [_WRITE, Length(max=2000, message=_l("最多 2000 字，请精简一些。"))])


class AdviceForm(Form):
    """The advice that goes back with a question."""

    advice = LongTextField(_l("建议"), [_WRITE, Length(max=2000, message=_l("最多 2000 字，请精简一些。"))])


class ResolutionForm(Form):
    """The written answer."""

    resolution = LongTextField(_l("答复"), [_WRITE, Length(max=3000, message=_l("最多 3000 字，请精简一些。"))])


class PressForm(Form):
    """A button without fields; carries the token against forged requests."""


class DutyForm(Form):
    """The presence switch."""

    accepting = BooleanField(_l("接待中"))


class CallForm(Form):
    """A question that came by telephone or e-mail."""

    channel = ChoiceField(_l("怎么来的"), choices=[("phone", _l("电话")), ("email", _l("邮件"))])
    requester = ChoiceField(_l("提问人"), validators=[InputRequired(_l("请选择提问人。"))])
    caller = TextField(_l("来电人或发件人"), [Length(max=80, message=_l("最多 80 字，请精简一些。"))])
    body = LongTextField(_l("问题"), [_WRITE])
    client_id = HiddenField(validators=[DataRequired(_l("页面不完整，请刷新后再提交。")), Length(max=64)])


class DoorForm(Form):
    """A question of somebody who cannot sign in."""

    name = TextField(
        _l("您的姓名"),
        [DataRequired(_l("请写您的姓名。")), Length(max=60, message=_l("姓名最多 60 个字。"))],
    )
    unit_words = TextField(_l("您的单位"), [Length(max=60, message=_l("最多 60 字，写名称的一部分就行。"))])
    unit_id = ChoiceField(_l("单位"), validators=[InputRequired(_l("请写单位的名称，再从找到的单位里选一个。"))])
    reach = TextField(
        _l("怎么联系您"),
        [
            DataRequired(_l("请留一个电话或邮箱，同事要靠它联系您。")),
            Length(max=100, message=_l("最多 100 字，留一个电话或邮箱就行。")),
        ],
    )
    body = LongTextField(_l("登录时发生了什么"), [_WRITE, Length(max=2000, message=_l("最多 2000 字，请精简一些。"))])
    client_id = HiddenField(validators=[DataRequired(_l("页面不完整，请刷新后再提交。")), Length(max=64)])


class IdentityForm(Form):
    """How the identity of somebody at the door was checked."""

    how = LongTextField(_l("怎么核实的"), [_WRITE, Length(max=300, message=_l("最多 300 字，请精简一些。"))])


class SlotsField(TextField):
    """The opening slots of one day as they are typed; empty is closed. `slots` holds them once the form is valid."""

    slots: Slots = ()

    def pre_validate(self, form: BaseForm) -> None:
        """Read what was typed.

        Raises ValidationError, which names what could not be read.
        """
        del form
        try:
            self.slots = read_typed(self.data)
        except HoursMalformed as fault:
            raise ValidationError(_("%(day)s：%(fault)s", day=self.label.text, fault=fault.text)) from None
        if len(self.slots) > MOST_SLOTS:
            raise ValidationError(_("%(day)s：一天最多写五个时段，请合并一些。", day=self.label.text))


_SLOTS = Length(max=100, message=_l("这一天写得太长了，请只写时段，例如 08:00-12:00, 14:00-17:30。"))


class DeskForm(Form):
    """Settings of a desk."""

    switched_on = BooleanField(_l("服务台开放"))
    ring_seconds = IntegerField(
        _l("每次响铃多少秒"),
        [
            InputRequired(_l("请填响铃秒数。")),
            NumberRange(min=5, max=300, message=_l("请填 5 到 300 之间的整数。")),
        ],
    )
    monday = SlotsField(_l("星期一"), [_SLOTS])
    tuesday = SlotsField(_l("星期二"), [_SLOTS])
    wednesday = SlotsField(_l("星期三"), [_SLOTS])
    thursday = SlotsField(_l("星期四"), [_SLOTS])
    friday = SlotsField(_l("星期五"), [_SLOTS])
    saturday = SlotsField(_l("星期六"), [_SLOTS])
    sunday = SlotsField(_l("星期日"), [_SLOTS])
    works_on_makeup_days = BooleanField(_l("调休上班的周末照常开放"))
    on_call = SlotsField(_l("法定节假日"), [_SLOTS])

    @property
    def days(self) -> tuple[SlotsField, ...]:
        """The seven days, Monday first."""
        return (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday)
