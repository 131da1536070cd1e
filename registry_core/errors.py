"""Refusals: raised where the rule lives, caught only at the entry points, told to a person in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


class DomainError(Exception):
    """A rule said no. `code` is for programs, the message tells a person what to do next."""

    code = "refused"
    status = 409
    message: LazyString = _l("这一步现在不能做，请刷新页面后再试。")

    def __init__(self, message: LazyString | str | None = None) -> None:
        super().__init__(self.code)
        if message is not None:
            self.message = message  # type: ignore[assignment]  # a finished str is as good as a lazy one

    @property
    def text(self) -> str:
        """The message in the language of the person who is being answered."""
        return str(self.message)


class NotFound(DomainError):
    """What was asked for does not exist, or lies outside the actor's scope: the answer is the same."""

    code = "not_found"
    status = 404
    message = _l("没有找到您要的内容，可能已被移走，或不在您的管理范围内。")


class Forbidden(DomainError):
    """The actor sees the thing but may not do this to it."""

    code = "forbidden"
    status = 403
    message = _l("您的账号没有这项权限。如工作需要，请联系本单位的管理员开通。")


class SignInNeeded(DomainError):
    """Nobody is signed in, or the session has ended."""

    code = "sign_in_needed"
    status = 401
    message = _l("您还没有登录，或登录已过期，请重新登录。写好的内容会为您保留。")


class InvalidInput(DomainError):
    """The input has not the declared shape."""

    code = "invalid_input"
    status = 422
    message = _l("提交的内容不完整或格式不对，请检查后再试。")


class TooManyRequests(DomainError):
    """A rate limit was reached."""

    code = "too_many_requests"
    status = 429
    message = _l("操作太频繁了，请稍等片刻再试。")


class Unavailable(DomainError):
    """A server that this step needs does not answer."""

    code = "unavailable"
    status = 503
    message = _l("服务暂时不可用，请稍后再试。您写的内容没有丢失。")
