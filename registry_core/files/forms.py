"""What the browser says before it sends a file."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from registry_core.forms import Form, TextField

_BROKEN = _l("页面不完整，请刷新后再上传。")
LARGEST = 10**12


class BeginForm(Form):
    """A file that is about to come."""

    use = TextField(validators=[InputRequired(_BROKEN), Length(max=40, message=_BROKEN)])
    name = TextField(
        validators=[InputRequired(_l("文件没有名字，请改个名再上传。")), Length(max=1000, message=_BROKEN)]
    )
    size = IntegerField(
        validators=[
            InputRequired(_l("这个文件是空的，请换一个。")),
            NumberRange(min=1, max=LARGEST, message=_l("这个文件是空的，或者大得出奇，请换一个。")),
        ]
    )
    sha256 = TextField(validators=[Optional(), Regexp(r"[0-9a-f]{64}\Z", message=_BROKEN)])


class PressForm(Form):
    """Carries nothing but the token against forged requests: a piece, the end, a change of mind."""
