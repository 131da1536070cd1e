"""What a notice in the browser, a digest and a short message say: how many, of what kind, and where; never a text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from registry_core.away.queries import Reachable
from registry_core.links import whole_address
from registry_core.mail import Mail
from registry_core.notifications.kinds import WordKind
from registry_core.notifications.unread import Unread
from registry_core.sms import Sms
from registry_core.webpush.texts64 import to_text

CHOICES_PATH = "/account/word"
NOTICES_PATH = "/notices"
MESSAGES_PATH = "/messages"
LISTED_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class PushNote:
    """A notice in the browser. `tag` lets a later one about the same stand in its place."""

    title: str
    body: str
    url: str
    count: int
    tag: str

    @property
    def topic(self) -> str:
        """The tag as push services take it: up to 32 signs of base64url (RFC 8030, section 5.4)."""
        return to_text(sha256(self.tag.encode("utf-8")).digest())[:32]


def write_note(note: PushNote) -> str:
    """Write a notice as the service worker reads it (static/js/push-worker.js)."""
    return json.dumps(
        {"title": note.title, "body": note.body, "url": note.url, "count": note.count, "tag": note.tag},
        ensure_ascii=False,
    )


def make_note(to: Reachable, told: Sequence[Unread]) -> PushNote:
    """Make the one notice for everything that is told now."""
    number = sum(one.count for one in told)
    kinds = {one.kind for one in told}
    with force_locale(to.locale):
        if len(told) == 1:
            return PushNote(_title(kinds), _number(told[0].kind, number), told[0].url, number, told[0].thing)
        return PushNote(_title(kinds), _numbers(told), _list_of(kinds), number, "many")


def write_digest(to: Reachable, address: str, told: Sequence[Unread]) -> Mail:
    """Write the digest: each kind with its number and where it can be read."""
    number = sum(one.count for one in told)
    with force_locale(to.locale):
        subject = ngettext("您有 %(num)d 条未读的消息和通知", "您有 %(num)d 条未读的消息和通知", number)
        parts = [_("您不在的时候，学籍服务台有这些事等您看：")]
        parts += [_section(kind, [one for one in told if one.kind is kind]) for kind in WordKind]
        parts += [
            _("为了保护信息安全，邮件里不写内容，请登录后查看。"),
            _("什么时候、用什么方式通知您，可以在这里改：") + "\n" + whole_address(CHOICES_PATH),
        ]
        return Mail(address, subject, "\n\n".join(part for part in parts if part), to.account_id)


def write_sms(to: Reachable, mobile: str, told: Sequence[Unread]) -> Sms:
    """Write the short message: how many of what kind."""
    with force_locale(to.locale):
        return Sms(mobile, _("【学籍服务台】%(what)s，请登录查看。", what=_numbers(told)), to.account_id)


def _section(kind: WordKind, told: Sequence[Unread]) -> str:
    if not told:
        return ""
    head = _number(kind, sum(one.count for one in told))
    addresses = list(dict.fromkeys(one.url for one in told))
    lines = [whole_address(url) for url in addresses[:LISTED_AT_MOST]]
    if len(addresses) > LISTED_AT_MOST:
        lines.append(_("其余的在这里：") + whole_address(_list_of({kind})))
    return "\n".join([head, *lines])


def _title(kinds: set[WordKind]) -> str:
    if WordKind.MENTION in kinds:
        return _("有人提到您")
    if kinds == {WordKind.MESSAGE}:
        return _("您有新消息")
    return _("您有新通知") if WordKind.MESSAGE not in kinds else _("您有新消息和通知")


def _list_of(kinds: set[WordKind]) -> str:
    return MESSAGES_PATH if kinds == {WordKind.MESSAGE} else NOTICES_PATH


def _numbers(told: Sequence[Unread]) -> str:
    kinds = [kind for kind in WordKind if any(one.kind is kind for one in told)]
    return _("；").join(_number(kind, sum(one.count for one in told if one.kind is kind)) for kind in kinds)


def _number(kind: WordKind, number: int) -> str:
    match kind:
        case WordKind.MESSAGE:
            return ngettext("%(num)d 条新消息", "%(num)d 条新消息", number)
        case WordKind.MENTION:
            return ngettext("%(num)d 条消息提到您", "%(num)d 条消息提到您", number)
        case WordKind.ANSWER:
            return ngettext("您的提问有 %(num)d 个答复", "您的提问有 %(num)d 个答复", number)
        case WordKind.APPROVAL:
            return ngettext("%(num)d 件申请等您办理", "%(num)d 件申请等您办理", number)
        case WordKind.SECURITY:
            return ngettext("%(num)d 条与您账号安全有关的通知", "%(num)d 条与您账号安全有关的通知", number)
        case _:
            return ngettext("%(num)d 条其他通知", "%(num)d 条其他通知", number)
