"""Forms about people's roles and certificates."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import DateField
from wtforms.validators import InputRequired, Length, Optional

from registry_core.forms import ChoiceField, Form, LongTextField, TextField

LONGEST_REASON = 200
_REASON_MISSING = _l("请写明原因，会留存备查。")
_REASON_LONG = _l("原因最多 200 个字。")
_NO_DATE = _l("请填写日期，例如 2026-12-31。")


class RoleForm(Form):
    """Giving a role at a unit."""

    unit = ChoiceField(_l("单位"))
    role = ChoiceField(_l("角色"), validators=[InputRequired(_l("请选择要授予的角色。"))])
    narrowed_to = TextField(_l("年级或班级"), validators=[Length(max=40, message=_l("年级或班级最多 40 个字。"))])
    until: DateField = DateField(_l("到哪天为止"), validators=[Optional()])


class TakeForm(Form):
    """Ending a role or taking back a certificate."""

    reason = LongTextField(
        _l("原因"),
        validators=[InputRequired(_REASON_MISSING), Length(max=LONGEST_REASON, message=_REASON_LONG)],
    )


class QualifyForm(Form):
    """A provisional permit to work without a certificate."""

    kind = ChoiceField(_l("许可"))
    level = ChoiceField(_l("用于"))
    until: DateField = DateField(_l("到哪天为止"), validators=[InputRequired(_NO_DATE)])
    reason = LongTextField(
        _l("原因"),
        validators=[InputRequired(_REASON_MISSING), Length(max=LONGEST_REASON, message=_REASON_LONG)],
    )

    @property
    def last_day(self) -> date:
        """The day filled in; there is one once the form is valid."""
        day = self.until.data
        if day is None:
            raise ValueError
        return day
