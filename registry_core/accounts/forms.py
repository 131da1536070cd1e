"""Forms of sign-in, passwords, second factors, sessions, letters and language."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from wtforms import BooleanField, HiddenField
from wtforms.validators import UUID as IsUuid  # noqa: N811 - beside our own UUIDs it needs another name
from wtforms.validators import EqualTo, InputRequired, Length

from registry_core.accounts.models import ResetChannel
from registry_core.accounts.policies import LONGEST_PASSWORD
from registry_core.forms import ChoiceField, Form, SecretField, TextField

LANGUAGES = ["zh_Hans", "en"]
LONGEST_CODE = 40


def _user_name() -> TextField:
    return TextField(
        _l("用户名"),
        validators=[InputRequired(_l("请填写用户名。")), Length(max=60, message=_l("用户名最多 60 个字符。"))],
    )


def _secret(label: LazyString, missing: LazyString) -> SecretField:
    too_long = Length(max=LONGEST_PASSWORD, message=_l("密码最多 %(max)d 个字符。"))
    return SecretField(label, validators=[InputRequired(missing), too_long])


def _new() -> SecretField:
    return _secret(_l("新密码"), _l("请填写新密码。"))


def _repeat() -> SecretField:
    return SecretField(
        _l("再输一次新密码"),
        validators=[
            InputRequired(_l("请再输一次新密码。")),
            EqualTo("new", _l("两次输入的新密码不一样，请重新输入。")),
        ],
    )


def _code() -> TextField:
    return TextField(
        _l("验证码"),
        validators=[InputRequired(_l("请填写验证码。")), Length(max=LONGEST_CODE, message=_l("验证码没有这么长。"))],
    )


class SignInForm(Form):
    """User name and password."""

    user_name = _user_name()
    password = _secret(_l("密码"), _l("请填写密码。"))
    next = HiddenField()


class CodeForm(Form):
    """A code of the second factor, or a recovery code."""

    code = _code()


class NewPasswordForm(Form):
    """A new password twice, where the present one was just shown."""

    new = _new()
    repeat = _repeat()


class PasswordForm(Form):
    """The current password and the new one twice."""

    current = _secret(_l("当前密码"), _l("请填写当前密码。"))
    new = _new()
    repeat = _repeat()


class ConfirmForm(Form):
    """A fresh proof of who one is: a code, or the password where no second factor is set up."""

    answer = _secret(_l("验证码或密码"), _l("请填写验证码或密码。"))
    next = HiddenField()


class ForgotForm(Form):
    """Ask for a code."""

    user_name = _user_name()
    channel = ChoiceField(
        _l("验证码发到哪里"),
        [(ResetChannel.EMAIL.value, _l("邮箱")), (ResetChannel.SMS.value, _l("手机短信"))],
        default=ResetChannel.EMAIL.value,
    )


class ResetForm(Form):
    """A code from a mail, a short message or a letter, and the new password twice."""

    user_name = _user_name()
    code = _code()
    new = _new()
    repeat = _repeat()


class LetterForm(Form):
    """Give a letter to somebody whose identity was checked in person."""

    account_id = HiddenField(validators=[InputRequired(_l("请先选一个人。")), IsUuid(_l("请先选一个人。"))])
    identity = BooleanField(
        _l("已当面核对本人和证件"), validators=[InputRequired(_l("请先当面核对本人和证件，再打勾。"))]
    )
    drops_factor = BooleanField(_l("手机丢了或换了：同时取消二次验证"))


class EndSessionForm(Form):
    """End one browser session."""

    session_id = HiddenField(validators=[InputRequired(), IsUuid(_l("这个登录不存在，请刷新页面。"))])


class PressForm(Form):
    """A button that carries nothing but the token against forged requests."""


class LanguageForm(Form):
    """The language of the pages."""

    language = ChoiceField(_l("语言"), [(language, language) for language in LANGUAGES])
    next = HiddenField()


class SignOutForm(PressForm):
    """The button that signs out."""
