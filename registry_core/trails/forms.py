"""What the trail is searched by; it travels in the address, so that a search can be kept and passed on."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField
from wtforms.validators import Length, Optional, ValidationError

from registry_core.forms import ChoiceField, Form, TextField

_SHORT = Length(max=100, message=_l("最多 100 个字，请精简一些。"))
FIRST_YEAR, LAST_YEAR = 2000, 2100


def _of_our_time(_form: Form, field: DateField) -> None:
    """Refuse days that no entry can be of, before anybody counts with them."""
    if field.data and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
        raise ValidationError(_l("请填 2000 年到 2100 年之间的日期。"))


class SearchForm(Form):
    """Who, what kind of thing and which one, where, when, which act; all may be left empty."""

    person = TextField(_l("谁做的"), [_SHORT])
    act = ChoiceField(_l("做了什么"), default="")
    kind = ChoiceField(_l("对什么"), default="")
    object_id = TextField(_l("编号"), [_SHORT])
    unit = TextField(_l("单位"), [_SHORT])
    since = DateField(_l("从哪天"), [Optional(), _of_our_time])
    until = DateField(_l("到哪天"), [Optional(), _of_our_time])

    class Meta:
        """A search changes nothing, so it needs no token."""

        csrf = False


class LooksForm(Form):
    """From which day until which, and of which level; all may be left empty."""

    since = DateField(_l("从哪天"), [Optional(), _of_our_time])
    until = DateField(_l("到哪天"), [Optional(), _of_our_time])
    level = ChoiceField(_l("哪一级"), default="")

    class Meta:
        """A search changes nothing, so it needs no token."""

        csrf = False
