"""Refusals about accounts and sign-in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from registry_core.errors import DomainError


class CountedRefusal(DomainError):
    """A refusal whose writes stay: the entry point commits the counted attempt before it answers."""


class WrongPassword(CountedRefusal):
    """User name and password do not belong together; the answer never says which of the two is wrong."""

    code = "wrong_password"
    status = 422
    message = _l("用户名或密码不对，请检查大小写和输入法后再试。忘记密码请联系本单位的管理员。")


class SignInPaused(CountedRefusal):
    """Too many attempts failed in a row; a right password has to wait as well."""

    code = "sign_in_paused"
    status = 429
    message = _l("连续输错次数过多，为保护账号已暂停登录，请 15 分钟后再试。若不是您本人操作，请告诉本单位的管理员。")


class TooManyAttempts(DomainError):
    """Too many attempts failed from one address."""

    code = "too_many_requests"
    status = 429
    message = _l("您所在的网络登录失败次数过多，请 5 分钟后再试。")


class WrongCurrentPassword(DomainError):
    """The current password, asked for before a change, is wrong."""

    code = "wrong_current_password"
    status = 422
    message = _l("当前密码不对，请重新输入。")


class WeakPassword(DomainError):
    """A new password breaks a rule; the message names the rule."""

    code = "weak_password"
    status = 422
    message = _l("新密码不符合要求，请换一个。")


class UserNameTaken(DomainError):
    """Another account has this user name."""

    code = "user_name_taken"
    message = _l("这个用户名已有人使用，请换一个。")
