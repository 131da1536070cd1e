"""What pages and sockets show of messages posted in the wrong place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from chat.models import TalkGroup
from chat.presenters.acts import packet_of
from chat.presenters.numbers import say_body
from chat.queries.recalls import Reach, ReachedPerson, ReportRow, list_places, list_reached
from chat.services.telling import conversation_room
from registry_core import live

EXCERPT = 120


@dataclass(frozen=True, slots=True)
class ReachedView:
    """Somebody whom a message had reached, and in which ways."""

    account_id: UUID
    name: str
    unit_name: str
    is_read: bool
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report that waits for a decision; `excerpt` is covered."""

    id: UUID
    place: str
    sender: str
    sender_id: UUID
    sent_at: datetime
    excerpt: str
    files: int
    unit_name: str
    by: str
    at: datetime
    reason: str


def say_ways(reach: Reach) -> tuple[str, ...]:
    """Say in which ways a message had reached somebody."""
    told = {"mail": _("邮件提醒过有新消息"), "push": _("推送提醒过有新消息"), "sms": _("短信提醒过有新消息")}
    ways = [_("已读") if reach.is_read else _("已送达，还没有读") if reach.is_delivered else ""]
    if reach.opened:
        ways.append(_("打开或下载过附件 %(count)s 次", count=reach.opened))
    if reach.has_revealed:
        ways.append(_("看过遮住的号码"))
    ways += [told[way] for way in reach.told_by if way in told]
    return tuple(way for way in ways if way)


def view_reached(session: Session, message_id: UUID) -> list[ReachedView]:
    """Present whom a recalled message had reached, for a caller that has checked the right."""
    return [_view(one) for one in list_reached(session, message_id)]


def _view(one: ReachedPerson) -> ReachedView:
    reach = one.reach
    return ReachedView(reach.account_id, one.name, one.unit_name, reach.is_read, say_ways(reach))


def reached_packet(session: Session, message_id: UUID) -> list[dict[str, Any]]:
    """Make the same as it travels over the socket."""
    return [
        {
            "account_id": str(one.account_id),
            "name": one.name,
            "unit": one.unit_name,
            "is_read": one.is_read,
            "ways": list(one.ways),
        }
        for one in view_reached(session, message_id)
    ]


def view_reports(session: Session, rows: Sequence[ReportRow]) -> list[ReportView]:
    """Present reports: who, where, when and the beginning of what was said, with the numbers of persons covered."""
    places = say_places(session, [row.conversation_id for row in rows])
    return [
        ReportView(
            row.report.id,
            places[row.conversation_id],
            row.sender,
            row.sender_id,
            row.sent_at,
            # Covered before it is cut: half a number is no number any more, and would be shown.
            say_body(row.body, None)[:EXCERPT],
            row.files,
            row.unit_name,
            row.by,
            row.report.at,
            row.report.reason,
        )
        for row in rows
    ]


def say_places(session: Session, conversation_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Say what conversations are to who does not belong to them."""
    places = list_places(session, conversation_ids)
    return {one: _say_place(*places.get(one, ("question", ""))) for one in conversation_ids}


def _say_place(kind: str, name: str) -> str:
    if kind == "group":
        return _("群“%(name)s”", name=name)
    return _("一对一的对话") if kind == "direct" else _("服务台的提问")


def tell_recalled(session: Session, message_id: UUID, conversation_id: UUID, *, skip: str | None = None) -> None:
    """Let every open page of a conversation drop a message, once the transaction has committed."""
    epoch = session.scalar(select(TalkGroup.epoch).where(TalkGroup.conversation_id == conversation_id)) or 0
    packet = packet_of(session, None, message_id)
    live.push(session, conversation_room(conversation_id, epoch), "message:changed", packet, skip=skip)
