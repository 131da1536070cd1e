"""Forms about people: their roles and certificates, and how they get in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField
from wtforms.validators import Email, InputRequired, Length, Optional, Regexp

from registry_core.forms import ChoiceField, Form, LongTextField, TextField
from registry_core.people import policies
from registry_core.people.models import Channel

LONGEST_REASON = 200
MOBILE = policies.MOBILE
USER_NAME = policies.USER_NAME
_REASON_MISSING = _l("请写明原因，会留存备查。")
_REASON_LONG = _l("原因最多 200 个字。")
_USER_NAME_FAULT = _l("用户名用 3 到 60 个字母、数字、点、横线或下划线。")
_NO_DATE = _l("请填写日期，例如 2026-12-31。")


def _name() -> TextField:
    return TextField(
        _l("姓名"), validators=[InputRequired(_l("请填写姓名。")), Length(max=60, message=_l("姓名最多 60 个字。"))]
    )


def _mobile(*, is_required: bool) -> TextField:
    first = InputRequired(_l("请填写手机号。")) if is_required else Optional()
    return TextField(_l("手机号"), validators=[first, Regexp(MOBILE, message=_l("手机号是 11 位数字，请检查。"))])


def _email(*, is_required: bool) -> TextField:
    first = InputRequired(_l("请填写邮箱。")) if is_required else Optional()
    return TextField(
        _l("邮箱"),
        validators=[
            first,
            Length(max=254, message=_l("邮箱最多 254 个字符。")),
            Email(message=_l("邮箱的写法不对，请检查，例如 name@example.cn。")),
        ],
    )


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


class ReportForm(Form):
    """Who is to be super administrator."""

    name = _name()
    mobile = _mobile(is_required=True)
    email = _email(is_required=True)


class BindForm(Form):
    """Binding a reported person to one of their accounts, or to a new one."""

    account = ChoiceField(_l("绑定到"), validate_choice=True)
    user_name = TextField(
        _l("新账号的用户名"),
        validators=[Optional(), Regexp(USER_NAME, message=_USER_NAME_FAULT)],
    )

    @property
    def account_id(self) -> UUID | None:
        """The account that was chosen; None for a new one."""
        return UUID(self.account.data) if self.account.data else None


class OpenForm(Form):
    """A new account with its first role."""

    name = _name()
    user_name = TextField(
        _l("用户名"),
        validators=[Optional(), Regexp(USER_NAME, message=_USER_NAME_FAULT)],
    )
    mobile = _mobile(is_required=False)
    email = _email(is_required=False)
    role = ChoiceField(_l("角色"), validate_choice=True)
    narrowed_to = TextField(_l("年级或班级"), validators=[Length(max=40, message=_l("年级或班级最多 40 个字。"))])


class SendAgainForm(Form):
    """Where a new one-time password is sent."""

    mobile = _mobile(is_required=False)
    email = _email(is_required=False)


class RegisterForm(Form):
    """Asking for an account at the door."""

    name = _name()
    channel = ChoiceField(
        _l("验证方式"),
        [(Channel.SMS.value, _l("手机短信")), (Channel.EMAIL.value, _l("邮箱"))],
        default=Channel.SMS.value,
    )
    mobile = _mobile(is_required=False)
    email = _email(is_required=False)
    wish = LongTextField(
        _l("用来做什么"),
        validators=[
            InputRequired(_l("请写明您的岗位和要办的事，管理员据此确认。")),
            Length(max=200, message=_l("最多 200 个字。")),
        ],
    )

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Ask for the number or the address to which the code goes; the other one is not looked at."""
        super().validate(extra_validators)
        other = self.email if self.channel.data == Channel.SMS else self.mobile
        other.errors = []
        is_valid = not any(field.errors for field in self)
        if not self.address:
            field = self.mobile if self.channel.data == Channel.SMS else self.email
            field.errors = [*field.errors, str(_l("验证码要发到这里，请填写。"))]
            return False
        return is_valid

    @property
    def address(self) -> str:
        """Where the code goes."""
        return self.mobile.data if self.channel.data == Channel.SMS else self.email.data


class RegistrationCodeForm(Form):
    """The code that confirms an address."""

    code = TextField(
        _l("验证码"),
        validators=[InputRequired(_l("请填写验证码。")), Length(max=20, message=_l("验证码没有这么长。"))],
    )


class AcceptForm(Form):
    """Accepting a registration in a role."""

    role = ChoiceField(_l("角色"), validate_choice=True)
    narrowed_to = TextField(_l("年级或班级"), validators=[Length(max=40, message=_l("年级或班级最多 40 个字。"))])
    user_name = TextField(
        _l("用户名"),
        validators=[Optional(), Regexp(USER_NAME, message=_USER_NAME_FAULT)],
    )


class LoanForm(Form):
    """Lending a role to a colleague."""

    borrower = ChoiceField(_l("请谁代办"), validate_choice=True)
    purpose = TextField(
        _l("事由"),
        validators=[
            InputRequired(_l("请写明为什么要请人代办。")),
            Length(max=LONGEST_REASON, message=_l("事由最多 200 个字。")),
        ],
    )
    since: DateField = DateField(_l("从哪天起"), validators=[InputRequired(_NO_DATE)])
    until: DateField = DateField(_l("到哪天为止"), validators=[InputRequired(_NO_DATE)])


class HandOverForm(Form):
    """Who takes a role over, and the last day of who leaves it."""

    successor = ChoiceField(_l("接任人"), validate_choice=True)
    last_day: DateField = DateField(_l("最后一天"), validators=[InputRequired(_NO_DATE)])
    reason = TextField(
        _l("原因"),
        validators=[InputRequired(_REASON_MISSING), Length(max=LONGEST_REASON, message=_REASON_LONG)],
    )


class LentPasswordForm(Form):
    """Registering that the own password was lent."""

    lent_to = TextField(
        _l("借给谁"),
        validators=[InputRequired(_l("请写明借给了谁。")), Length(max=60, message=_l("姓名最多 60 个字。"))],
    )
    purpose = TextField(
        _l("事由"),
        validators=[
            InputRequired(_l("请写明为什么要借。")),
            Length(max=LONGEST_REASON, message=_l("事由最多 200 个字。")),
        ],
    )
    until: DateField = DateField(_l("用到哪天为止"), validators=[InputRequired(_NO_DATE)])


class BatchFileForm(Form):
    """A sheet of people who are to get accounts."""

    file = FileField(_l("文件"), validators=[FileRequired(_l("请选一个文件。"))])


class BatchForm(Form):
    """A button with a token: open the accounts of a batch, or give it up."""
