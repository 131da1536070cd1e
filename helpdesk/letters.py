"""Mails of the help desk: that something happened and where to look, never what was asked or answered."""

from __future__ import annotations

from flask_babel import force_locale
from flask_babel import gettext as _

from helpdesk.models import Ticket
from registry_core import clock
from registry_core.accounts.models import Account
from registry_core.links import whole_address
from registry_core.mail import Mail
from registry_core.notifications.presenters import say_day


def question_path(ticket: Ticket) -> str:
    """Name the asker's page of a question."""
    return f"/questions/{ticket.id}"


def write_answered(ticket: Ticket, to: Account, address: str) -> Mail:
    """Write to an asker who was away that an answer has come, in the language of their account."""
    with force_locale(to.locale):
        day = say_day(clock.local(ticket.asked_at).date())
        return Mail(
            to=address,
            subject=_("您 %(day)s 提的问题有答复了", day=day),
            text=_letter(to, _("您 %(day)s 在学籍服务台提的问题有答复了。", day=day), ticket),
            account_id=to.id,
        )


def write_resolved(ticket: Ticket, to: Account, address: str) -> Mail:
    """Write to an asker who was away that the written answer has come and waits for a yes or no."""
    with force_locale(to.locale):
        day = say_day(clock.local(ticket.asked_at).date())
        news = _("您 %(day)s 在学籍服务台提的问题有了书面答复，请您看看是否解决了。", day=day)
        return Mail(
            to=address,
            subject=_("您 %(day)s 提的问题有了书面答复", day=day),
            text=_letter(to, news, ticket),
            account_id=to.id,
        )


def _letter(to: Account, news: str, ticket: Ticket) -> str:
    return "\n\n".join(
        (
            _("%(name)s，您好！", name=to.name),
            news,
            _("请点开下面的地址查看："),
            whole_address(question_path(ticket)),
            _("为了保护个人信息，邮件里不写问题和答复的内容。如果您已经看过，请不必理会这封邮件。"),
            _("学籍服务台（系统自动发送，请不要直接回复）"),
        )
    )
