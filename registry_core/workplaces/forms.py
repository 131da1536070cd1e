"""Forms about registered computers and addresses."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import DateField
from wtforms.validators import InputRequired, Length

from registry_core.forms import Form, TextField

_SHORT = Length(max=60, message=_l("最多 60 个字，请精简一些。"))


class ComputerForm(Form):
    """What the computer is called and where it stands."""

    name = TextField(_l("名称"), [InputRequired(_l("请给这台计算机起个名称，例如：教导处一号机。")), _SHORT])
    room = TextField(_l("所在房间"), [_SHORT])


class RangeForm(Form):
    """A network and what it is."""

    network = TextField(
        _l("地址或地址段"),
        [InputRequired(_l("请填地址或地址段。")), Length(max=60, message=_l("地址没有这么长，请核对。"))],
    )
    name = TextField(_l("说明"), [InputRequired(_l("请写明这是哪里的地址，例如：教学楼有线网。")), _SHORT])


class ButtonForm(Form):
    """A button without fields."""


class ReasonForm(Form):
    """Why the limit is switched off."""

    reason = TextField(
        _l("原因"), [InputRequired(_l("请写明原因。")), Length(max=200, message=_l("最多 200 个字，请精简一些。"))]
    )


class LiftForm(ReasonForm):
    """Until when the limit of a unit below is lifted, and why."""

    until = DateField(_l("放开到哪天"), [InputRequired(_l("请填日期。"))])

    @property
    def last_day(self) -> date:
        """The day filled in; there is one once the form is valid."""
        day = self.until.data
        if day is None:
            raise ValueError
        return day
