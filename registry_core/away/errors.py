"""What is refused about word for who is away."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from registry_core.errors import DomainError


class PushServiceUnknown(DomainError):
    """The browser names a push service that this house does not call."""

    code = "push_service_unknown"
    status = 422
    message = _l("这个浏览器用的推送服务不在本平台的名单里，不能打开浏览器提醒。您可以换一个浏览器，或者用邮件接收。")


class NotSubscribed(DomainError):
    """This browser takes no notices."""

    code = "not_subscribed"
    status = 409
    message = _l("这个浏览器还没有打开提醒，请先打开再试。")
