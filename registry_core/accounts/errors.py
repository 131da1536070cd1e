"""Refusals about accounts and sign-in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext

from registry_core.errors import DomainError, Forbidden, NotFound


class CountedRefusal(DomainError):
    """A refusal whose writes stay: the entry point commits the counted attempt before it answers."""


class WrongPassword(CountedRefusal):
    """User name and password do not belong together; the answer never says which of the two is wrong."""

    code = "wrong_password"
    status = 422
    message = _l("用户名或密码不对，请检查大小写和输入法后再试。忘记了可以点下面的“忘记密码”。")


class WrongCode(CountedRefusal):
    """A code of the second factor is wrong, used up or of another time."""

    code = "wrong_code"
    status = 422
    message = _l("验证码不对或已经用过，请等验证器里出现下一组数字再输入；手机的时间要设成自动。")


class WrongResetCode(CountedRefusal):
    """A code for a new password is wrong, used up or too old; the answer does not say whether the name exists."""

    code = "wrong_reset_code"
    status = 422
    message = _l("验证码不对、已经用过或已过期。请检查用户名和验证码；多次不对时，请重新申请一个。")


class SignInPaused(CountedRefusal):
    """Too many attempts failed in a row; a right password has to wait as well."""

    code = "sign_in_paused"
    status = 429
    message = _l(
        "连续输错次数过多，已暂停从这里登录，请 15 分钟后再试。"
        "在您以前登录过的电脑上不受别人输错的影响；也可以点“忘记密码”。"
    )


class TooManyAttempts(DomainError):
    """Too many attempts failed from one address."""

    code = "too_many_requests"
    status = 429
    message = _l("您所在的网络操作过于频繁，请过几分钟再试。")


class OneTimePasswordExpired(CountedRefusal):
    """The password that was handed out was not used in time; only who knows it is told."""

    code = "one_time_password_expired"
    status = 403
    message = _l(
        "这个一次性密码已过期。请联系为您开通账号的管理员，请他再发一个；登记了邮箱或手机的，也可以点“忘记密码”。"
    )


class AccountSealed(CountedRefusal):
    """The account has not been used for so long that it was sealed; only who knows its password is told."""

    code = "account_sealed"
    status = 403
    message = _l("您的账号太久没有登录，已经封存。请联系上级单位的管理员，当面核实身份后重新启用。")

    @classmethod
    def reopened_by(cls, unit_name: str | None) -> AccountSealed:
        """Say who can reopen it."""
        if unit_name is None:
            return cls()
        return cls(
            _l(
                "您的账号太久没有登录，已经封存。请联系%(unit)s的学籍管理员，当面核实身份后，他会给您一封重新启用的信。",
                unit=unit_name,
            )
        )


class StepNotDue(DomainError):
    """A step of the sign-in was called that is not the next one; or the sign-in has expired."""

    code = "step_not_due"
    status = 401
    message = _l("登录没有完成或已超时，请重新登录。")


class StepUpNeeded(Forbidden):
    """An act of weight asks for a recent proof of who one is."""

    code = "step_up_needed"
    message = _l("这一步很重要，需要先确认是您本人：请在“账号与安全”里确认身份，再做一次。")


class WrongCurrentPassword(CountedRefusal):
    """The current password, asked for before a change, is wrong."""

    code = "wrong_current_password"
    status = 422
    message = _l("当前密码不对，请重新输入。")


class WeakPassword(DomainError):
    """A new password breaks a rule; the message names the rule."""

    code = "weak_password"
    status = 422
    message = _l("新密码不符合要求，请换一个。")


class PasswordUsedBefore(WeakPassword):
    """A new password is the present one or one of those before."""

    def __init__(self, count: int) -> None:
        super().__init__(
            lazy_ngettext(
                "这个密码是上次用过的，请换一个新的。", "这个密码是最近 %(num)d 次里用过的，请换一个新的。", count
            )
        )


class FactorDemanded(DomainError):
    """A role demands the second factor that was to be taken away."""

    code = "factor_demanded"
    message = _l("您的岗位要求使用二次验证，不能关掉。换手机时，请先用恢复码登录，再重新设置。")


class SessionNotFound(NotFound):
    """No such session of this person."""

    code = "session_not_found"
    message = _l("这个登录已经结束，或不是您的。请刷新页面后再看。")


class PersonNotFound(NotFound):
    """No such person below the actor's unit, or one who also works elsewhere or higher up."""

    code = "person_not_found"
    message = _l("没有在您的下级单位里找到这个人。同时在别处或上级任职的人，要由他们共同的上级来办。")


class UserNameTaken(DomainError):
    """Another account has this user name."""

    code = "user_name_taken"
    message = _l("这个用户名已有人使用，请换一个。")
