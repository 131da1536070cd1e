"""Mails and short messages about getting in."""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _

from registry_core.accounts.letters import say_moment, write_mail
from registry_core.accounts.models import Account
from registry_core.links import whole_address
from registry_core.mail import Mail
from registry_core.people.models import Channel, Registration
from registry_core.sms import Sms

SIGN_IN_PATH = "/sign-in"


def write_credentials(to: Account, address: str, password: str, until: datetime) -> Mail:
    """Write user name and one-time password."""
    with force_locale(to.locale):
        return write_mail(
            to,
            address,
            _("您的学籍服务台账号已开通"),
            _("用户名：%(user_name)s", user_name=to.user_name),
            _("一次性密码：%(password)s", password=password),
            _(
                "一次性密码 %(until)s 前有效，第一次登录时要换成您自己的密码。请不要把它告诉别人。",
                until=say_moment(until),
            ),
            _("登录地址："),
            whole_address(SIGN_IN_PATH),
        )


def write_credentials_sms(to: Account, password: str, until: datetime) -> str:
    """Write user name and one-time password as a short message."""
    with force_locale(to.locale):
        return _(
            "【学籍服务台】账号已开通。用户名 %(user_name)s，一次性密码 %(password)s，"
            "%(until)s 前有效，登录后请改密码，勿告诉他人。",
            user_name=to.user_name,
            password=password,
            until=say_moment(until),
        )


def write_code(to: Registration, code: str) -> Mail | Sms:
    """Write the code that confirms an address."""
    text = _("【学籍服务台】注册验证码 %(code)s，30 分钟内有效。不是您本人操作的，不用理会。", code=code)
    return _to_stranger(to, _("学籍服务台注册验证码"), text)


def write_refusal(to: Registration, unit_name: str) -> Mail | Sms:
    """Write why a registration was refused."""
    text = _(
        "【学籍服务台】您在%(unit)s的注册申请没有通过：%(reason)s 可以改好后重新申请，或联系该单位。",
        unit=unit_name,
        reason=to.reason,
    )
    return _to_stranger(to, _("您的学籍服务台注册申请没有通过"), text)


def _to_stranger(to: Registration, subject: str, text: str) -> Mail | Sms:
    # Nobody has an account yet: the registration stands in the log instead.
    if to.channel is Channel.SMS:
        return Sms(to.address, text, to.id)
    return Mail(to=to.address, subject=subject, text=text, account_id=to.id)
