"""The messenger tells what of its conversations is unread, for people who are away (`registry_core.away`).

Questions tell by notices of their own: only what stands in the messenger's list counts here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from chat.models import Conversation, DirectTalk, Message, Participant, TalkGroup
from registry_core.notifications.kinds import WordKind
from registry_core.notifications.unread import Unread


class MessageTeller:
    """Each conversation is one thing from its first unread message on, however many follow."""

    def list_accounts_with_news(self, session: Session, *, since: datetime) -> Collection[UUID]:
        """Name who takes part, unread, in a conversation in which something was said."""
        # By the identifier, which is ordered by time: the moment of sending has no index, and each message would pay.
        spoken = select(Message.conversation_id).where(
            Message.id >= _first_id(since), Message.sender_id.is_not(None), _in_messenger()
        )
        return session.scalars(
            select(Participant.account_id)
            .join(Conversation, Conversation.id == Participant.conversation_id)
            .where(Participant.conversation_id.in_(spoken), _is_behind())
            .distinct()
        ).all()

    def list_unread(
        self, session: Session, account_ids: Collection[UUID], *, since: datetime
    ) -> Mapping[UUID, list[Unread]]:
        """List the conversations in which somebody else has said something that the account has not read."""
        found: dict[UUID, list[Unread]] = {}
        for account_id, conversation_id, first, came, count in session.execute(_unread(account_ids)):
            if came >= since:
                one = Unread(
                    f"talk:{conversation_id}:{first}", WordKind.MESSAGE, came, count, f"/messages/{conversation_id}"
                )
                found.setdefault(account_id, []).append(one)
        return found


def _unread(account_ids: Collection[UUID]) -> Select[UUID, UUID, int, datetime, int]:
    return (
        select(
            Participant.account_id,
            Participant.conversation_id,
            func.min(Message.number),
            func.min(Message.sent_at),
            func.count(),
        )
        .join(Conversation, Conversation.id == Participant.conversation_id)
        .join(
            Message,
            and_(
                Message.conversation_id == Participant.conversation_id,
                Message.number > Participant.read_up_to,
                Message.sender_id != Participant.account_id,
                # What was taken back or recalled is nobody's news any more.
                Message.taken_back_at.is_(None),
                # What was said before somebody came is there to be looked up, and is no news to them.
                Message.sent_at >= Participant.joined_at,
            ),
        )
        .where(Participant.account_id.in_(account_ids), _is_behind(), _in_messenger())
        .group_by(Participant.account_id, Participant.conversation_id)
        .order_by(func.min(Message.sent_at))
    )


def _first_id(at: datetime) -> UUID:
    """Make the lowest identifier of an instant (RFC 9562, version 7: milliseconds in the first 48 bits)."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def _is_behind() -> ColumnElement[bool]:
    return and_(
        Participant.left_at.is_(None),
        Participant.is_muted.is_(False),
        Participant.read_up_to < Conversation.last_number,
    )


def _in_messenger() -> ColumnElement[bool]:
    return or_(
        exists().where(DirectTalk.conversation_id == Message.conversation_id),
        exists().where(TalkGroup.conversation_id == Message.conversation_id),
    )
