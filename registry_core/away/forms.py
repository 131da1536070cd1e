"""The shape of what is chosen on the page 通知方式."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectMultipleField, TimeField
from wtforms.validators import Length, ValidationError

from registry_core.away.models import SILENCES, Way
from registry_core.away.policies import CHOSEN_KINDS, Choice, switch
from registry_core.forms import ChoiceField, Form, SelectChoice, TextField

DAILY = "daily"
DIGESTS = (
    (str(SILENCES[0]), _l("15 分钟没看就发")),
    (str(SILENCES[1]), _l("1 小时没看就发")),
    (str(SILENCES[2]), _l("4 小时没看就发")),
    (DAILY, _l("每天一封")),
)
HOURS = tuple((str(hour), f"{hour}:00") for hour in range(24))
SWITCHES = tuple(switch(kind, way) for kind in CHOSEN_KINDS for way in Way)
_NO_TIME = _l("请写成几点几分，例如 22:00。")


class HourField(TimeField):
    """A time of day; `data` is None where nothing was filled in."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was sent."""
        if valuelist and valuelist[0].strip():
            super().process_formdata(valuelist)
        else:
            self.data = None


class PressForm(Form):
    """A button without fields; carries the token against forged requests."""


class ChoiceForm(Form):
    """How somebody wants to get word. `offered` are the switches that stand on the page: others stay as they are."""

    on = SelectMultipleField(_l("通知的事项"), choices=lambda: [SelectChoice(one, one) for one in SWITCHES])
    digest = ChoiceField(_l("邮件什么时候发"), choices=DIGESTS)
    digest_hour = ChoiceField(_l("每天几点"), choices=HOURS, default="8")
    is_quiet = BooleanField(_l("晚上不打扰"))
    quiet_from = HourField(_l("从"))
    quiet_until = HourField(_l("到"))
    is_quiet_on_days_off = BooleanField(_l("节假日和周末也不打扰"))

    def validate_quiet_from(self, field: HourField) -> None:
        """Refuse quiet hours without a beginning."""
        if self.is_quiet.data and field.data is None:
            raise ValidationError(_NO_TIME)

    def validate_quiet_until(self, field: HourField) -> None:
        """Refuse quiet hours without an end, or that end when they begin."""
        if not self.is_quiet.data:
            return
        if field.data is None:
            raise ValidationError(_NO_TIME)
        if field.data == self.quiet_from.data:
            raise ValidationError(_l("开始和结束不能是同一时间。整天都不想收，请用下面的“暂停”。"))

    def show(self, choice: Choice) -> None:
        """Fill in what holds now, for a page that has not been sent."""
        self.on.data = [one for one in SWITCHES if one not in choice.switched_off]
        self.digest.data = DAILY if choice.silence is None else str(choice.silence // timedelta(minutes=1))
        self.digest_hour.data = str(8 if choice.digest_hour is None else choice.digest_hour)
        self.is_quiet.data = choice.quiet_from is not None
        house = Choice()
        self.quiet_from.data = choice.quiet_from or house.quiet_from
        self.quiet_until.data = choice.quiet_until or house.quiet_until
        self.is_quiet_on_days_off.data = choice.is_quiet_on_days_off

    def read(self, before: Choice, offered: frozenset[str]) -> Choice:
        """Read the choice that was sent."""
        is_daily = self.digest.data == DAILY
        off = {one for one in offered if one not in (self.on.data or [])}
        return Choice(
            switched_off=frozenset(off | (before.switched_off - offered)),
            silence=None if is_daily else timedelta(minutes=int(self.digest.data)),
            digest_hour=int(self.digest_hour.data) if is_daily else None,
            quiet_from=self.quiet_from.data if self.is_quiet.data else None,
            quiet_until=self.quiet_until.data if self.is_quiet.data else None,
            is_quiet_on_days_off=self.is_quiet_on_days_off.data,
        )


class PauseForm(Form):
    """For how long nothing is told."""

    until = ChoiceField(
        _l("暂停多久"),
        choices=[
            ("hour", _l("1 小时")),
            ("tomorrow", _l("到明天早上 7 点")),
            ("week", _l("一周")),
            ("end", _l("恢复通知")),
        ],
    )


class SubscribeForm(Form):
    """A browser's subscription, as it states it."""

    endpoint = TextField(_l("推送地址"), [Length(min=1, max=1000)])
    p256dh = TextField(_l("公钥"), [Length(min=1, max=100)])
    auth = TextField(_l("验证码"), [Length(min=1, max=40)])
