"""Mails and short messages about an account: what happened and what to do, never a password."""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale, format_date, format_datetime
from flask_babel import gettext as _

from registry_core import clock
from registry_core.accounts.browsers import name_browser
from registry_core.accounts.models import Account, KnownDevice
from registry_core.links import whole_address
from registry_core.mail import Mail
from registry_core.sms import Sms

ACCOUNT_PATH = "/account"
FORGOT_PATH = "/sign-in/forgot"


def write_code(to: Account, address: str, code: str) -> Mail:
    """Write the code with which a password can be set anew."""
    with force_locale(to.locale):
        return write_mail(
            to,
            address,
            _("重设密码的验证码"),
            _("您（或别人）在学籍服务台申请重设密码。验证码是："),
            code,
            _("15 分钟内有效，只能用一次。我们的同事不会向您要这个验证码，请不要告诉任何人。"),
            _("如果不是您本人申请的，不必理会：没有验证码，谁也改不了您的密码。"),
        )


def write_code_sms(to: Account, mobile: str, code: str) -> Sms:
    """Write the code as a short message."""
    with force_locale(to.locale):
        text = _("【学籍服务台】重设密码的验证码 %(code)s，15 分钟内有效，只能用一次。不要告诉任何人。", code=code)
        return Sms(mobile, text, to.id)


def write_new_device(to: Account, address: str, device: KnownDevice, place: str, at: datetime) -> Mail:
    """Write that somebody signed in by a browser that was not known."""
    with force_locale(to.locale):
        return write_mail(
            to,
            address,
            _("您的账号在新设备上登录了"),
            _(
                "您的账号 %(user_name)s 于 %(at)s 在一台以前没有用过的设备上登录：%(device)s，网络地址 %(place)s。",
                user_name=to.user_name,
                at=say_moment(at),
                device=name_browser(device.browser) or _("未知设备"),
                place=place,
            ),
            _("如果是您本人，不必理会。如果不是，请马上重设密码："),
            whole_address(FORGOT_PATH),
        )


def write_password_changed(to: Account, address: str, at: datetime) -> Mail:
    """Write that the password is another one."""
    with force_locale(to.locale):
        return write_mail(
            to,
            address,
            _("您的密码已经修改"),
            _(
                "您的账号 %(user_name)s 的密码于 %(at)s 修改，其他设备上的登录已经全部结束。",
                user_name=to.user_name,
                at=say_moment(at),
            ),
            _("如果不是您本人改的，请马上重设密码，并告诉上级单位的管理员："),
            whole_address(FORGOT_PATH),
        )


def write_factor_changed(to: Account, address: str, at: datetime, *, is_on: bool) -> Mail:
    """Write that the second factor was set up or taken away."""
    with force_locale(to.locale):
        news = (
            _("您的账号 %(user_name)s 于 %(at)s 打开了二次验证。", user_name=to.user_name, at=say_moment(at))
            if is_on
            else _("您的账号 %(user_name)s 于 %(at)s 取消了二次验证。", user_name=to.user_name, at=say_moment(at))
        )
        return write_mail(
            to,
            address,
            _("您的二次验证有变化"),
            news,
            _("如果不是您本人做的，请马上重设密码，并告诉上级单位的管理员："),
            whole_address(FORGOT_PATH),
        )


def write_dormancy(to: Account, address: str, seals_at: datetime) -> Mail:
    """Write that an account will be sealed unless somebody signs in."""
    with force_locale(to.locale):
        day = format_date(clock.local(seals_at).date(), "long")
        return write_mail(
            to,
            address,
            _("您的账号很久没有登录，%(day)s将会封存", day=day),
            _(
                "您的账号 %(user_name)s 很久没有登录。为了安全，%(day)s起它会被封存，"
                "之后要由上级单位的管理员当面核实，才能重新启用。",
                user_name=to.user_name,
                day=day,
            ),
            _("只要在那之前登录一次，就不会封存："),
            whole_address("/sign-in"),
        )


def say_moment(at: datetime) -> str:
    """Say an instant as people in China read it."""
    return format_datetime(clock.local(at), "yyyy-MM-dd HH:mm", rebase=False)


def write_mail(to: Account, address: str, subject: str, *lines: str) -> Mail:
    """Write a mail to somebody: greeted by name, signed by the house, in the language of the moment."""
    text = "\n\n".join((_("%(name)s，您好！", name=to.name), *lines, _("学籍服务台（系统自动发送，请不要直接回复）")))
    return Mail(to=address, subject=subject, text=text, account_id=to.id)
