"""Forms of undertakings and purposes; each keeps the page to go back to."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired

from registry_core.forms import ChoiceField, Form


class SignForm(Form):
    """The text that was read, and that it is accepted."""

    text_hash = HiddenField()
    accepted = BooleanField(_l("我已阅读并承诺遵守"), [InputRequired(_l("请先阅读，并勾选“我已阅读并承诺遵守”。"))])
    next = HiddenField()


class PurposeForm(Form):
    """One purpose of the list."""

    purpose = ChoiceField(_l("用途"), validate_choice=False)
    next = HiddenField()
