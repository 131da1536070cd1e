"""What the page 通知方式 shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.away import queries
from registry_core.away.models import Way
from registry_core.away.policies import CHOSEN_KINDS, switch
from registry_core.notifications.kinds import WordKind
from registry_core.webpush.vapid import vapid_key


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of word with its switches; `sms` is empty where the rule of the unit does not mark it urgent."""

    label: str
    help: str
    push: str
    mail: str
    sms: str


@dataclass(frozen=True, slots=True)
class ChoicesView:
    """The page around the form."""

    rows: tuple[Row, ...]
    email: str | None
    mobile: str | None
    has_sms: bool
    security_by_sms: bool
    sms_after_minutes: int
    most_sms_a_day: int
    paused_until: datetime | None
    server_key: str
    is_subscribed: bool

    @property
    def offered(self) -> frozenset[str]:
        """The switches that stand on the page."""
        return frozenset(one for row in self.rows for one in (row.push, row.mail, row.sms) if one)


def view_choices(session: Session, actor: Actor, browser_session_id: UUID) -> ChoicesView:
    """Gather what the page shows."""
    reachable = queries.list_reachable(session, [actor.account_id])
    email, mobile = (reachable[0].email, reachable[0].mobile) if reachable else (None, None)
    rules = queries.find_urgent_rules(session, actor)
    urgent = frozenset(WordKind(kind) for kind in rules.kinds) if rules and rules.most_a_day else frozenset()
    paused_until = queries.get_choice(session, actor).paused_until
    key = vapid_key()
    return ChoicesView(
        rows=tuple(_row(kind, is_urgent=kind in urgent) for kind in CHOSEN_KINDS),
        email=email,
        mobile=mobile,
        has_sms=bool(urgent),
        security_by_sms=WordKind.SECURITY in urgent,
        sms_after_minutes=rules.after_minutes if rules else 0,
        most_sms_a_day=rules.most_a_day if rules else 0,
        paused_until=paused_until if paused_until and paused_until > clock.now() else None,
        server_key=key.public_text if key else "",
        is_subscribed=queries.find_own_subscription(session, browser_session_id) is not None,
    )


def _row(kind: WordKind, *, is_urgent: bool) -> Row:
    label, help_text = _words(kind)
    sms = switch(kind, Way.SMS) if is_urgent else ""
    return Row(label, help_text, switch(kind, Way.PUSH), switch(kind, Way.MAIL), sms)


def _words(kind: WordKind) -> tuple[str, str]:
    match kind:
        case WordKind.MESSAGE:
            return _("新消息"), _("同事和群里发给您的。设了免打扰的对话不算。")
        case WordKind.MENTION:
            return _("有人提到我"), _("在群里或提问里用 @ 叫您。设了免打扰的对话也算。")
        case WordKind.ANSWER:
            return _("我的提问有答复"), _("服务台答复了您的提问。")
        case WordKind.APPROVAL:
            return _("等我办理"), _("轮到您审批的申请、注册和代办。")
        case _:
            return _("其他通知"), _("其余出现在“通知”里的事。")
