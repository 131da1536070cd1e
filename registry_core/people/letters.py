"""Mails and short messages about getting in."""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _

from registry_core.accounts.letters import say_moment, write_mail
from registry_core.accounts.models import Account
from registry_core.links import whole_address
from registry_core.mail import Mail

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
