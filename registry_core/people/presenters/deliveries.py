"""What came of a delivery, in words."""

from __future__ import annotations

from flask_babel import gettext as _

from registry_core.people.models import Channel, CredentialDelivery, DeliveryState
from registry_core.people.services.credentials import NO_ADDRESS, REPLACED
from registry_core.sms import masked

TONES = {
    DeliveryState.WAITING: ("waiting", "hourglass"),
    DeliveryState.SENT: ("solved", "circle-check"),
    DeliveryState.DELAYED: ("overdue", "alert-triangle"),
    DeliveryState.FAILED: ("overdue", "alert-triangle"),
}


def channel_name(channel: Channel) -> str:
    """Name a channel."""
    return _("邮件") if channel is Channel.EMAIL else _("短信")


def state_name(state: DeliveryState) -> str:
    """Name the state of a delivery."""
    return {
        DeliveryState.WAITING: _("正在发送"),
        DeliveryState.SENT: _("已送出"),
        DeliveryState.DELAYED: _("暂时没送出，还会自动重试"),
        DeliveryState.FAILED: _("没有送到"),
    }[state]


def reason_text(delivery: CredentialDelivery) -> str:
    """Say why a delivery did not arrive; codes of the other side are left as they are."""
    if delivery.reason is None:
        return ""
    if delivery.reason == NO_ADDRESS:
        return _("没有登记邮箱") if delivery.channel is Channel.EMAIL else _("没有登记手机号")
    if delivery.reason == REPLACED:
        return _("已另发新的密码，或本人已设密码")
    if delivery.reason.startswith("recipient"):
        return _("对方邮局不认识这个地址（%(code)s）", code=delivery.reason)
    return _("对方答复：%(code)s", code=delivery.reason)


def hidden_address(delivery: CredentialDelivery) -> str:
    """Show as much of an address as tells a wrong one from a right one."""
    if not delivery.address:
        return ""
    if delivery.channel is Channel.SMS:
        return masked(delivery.address)
    name, _at, host = delivery.address.partition("@")
    return f"{name[:2]}***@{host}"
