"""Forms of sign-in, password and language."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import EqualTo, InputRequired, Length

from registry_core.accounts.policies import LONGEST_PASSWORD
from registry_core.forms import ChoiceField, Form, SecretField, TextField

LANGUAGES = ["zh_Hans", "en"]


class SignInForm(Form):
    """User name and password."""

    user_name = TextField(
        _l("用户名"),
        validators=[InputRequired(_l("请填写用户名。")), Length(max=60, message=_l("用户名最多 60 个字符。"))],
    )
    password = SecretField(
        _l("密码"),
        validators=[
            InputRequired(_l("请填写密码。")),
            Length(max=LONGEST_PASSWORD, message=_l("密码最多 %(max)d 个字符。")),
        ],
    )
    next = HiddenField()


class PasswordForm(Form):
    """The current password and the new one twice."""

    current = SecretField(
        _l("当前密码"),
        validators=[
            InputRequired(_l("请填写当前密码。")),
            Length(max=LONGEST_PASSWORD, message=_l("密码最多 %(max)d 个字符。")),
        ],
    )
    new = SecretField(
        _l("新密码"),
        validators=[
            InputRequired(_l("请填写新密码。")),
            Length(max=LONGEST_PASSWORD, message=_l("密码最多 %(max)d 个字符。")),
        ],
    )
    repeat = SecretField(
        _l("再输一次新密码"),
        validators=[
            InputRequired(_l("请再输一次新密码。")),
            EqualTo("new", _l("两次输入的新密码不一样，请重新输入。")),
        ],
    )


class LanguageForm(Form):
    """The language of the pages."""

    language = ChoiceField(_l("语言"), [(language, language) for language in LANGUAGES])
    next = HiddenField()


class SignOutForm(Form):
    """The button that signs out; carries nothing but the token against forged requests."""
