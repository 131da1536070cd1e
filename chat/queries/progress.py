"""How far conversations have got, for the house itself: no one's right is asked."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text, Uuid, any_, bindparam, case, cast, func, or_, select
from sqlalchemy.orm import Session

from chat.models import Conversation, DirectTalk, Participant, TalkGroup
from registry_core.db import run


class Progress(NamedTuple):
    """The number of the last message, and of the last change."""

    number: int
    change: int

    def joined(self, other: Progress) -> Progress:
        """Take the higher of each."""
        return Progress(max(self.number, other.number), max(self.change, other.change))

    def is_within(self, other: Progress) -> bool:
        """Say whether the other has got as far, in both."""
        return self.number <= other.number and self.change <= other.change


class Moved(NamedTuple):
    """A conversation of the messenger that has moved, for one of its people; `epoch` belongs to its room's name."""

    account_id: UUID
    conversation_id: UUID
    epoch: int
    last_number: int


_PROGRESS = select(Conversation.id, Conversation.last_number, Conversation.last_change).where(
    Conversation.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
)
_OLDEST = select(cast(cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), Text), BigInteger))
_SINCE = bindparam("since", type_=BigInteger)
_MOVED = (
    select(
        Participant.account_id,
        Conversation.id,
        case((TalkGroup.conversation_id.is_(None), 0), else_=TalkGroup.epoch),
        Conversation.last_number,
    )
    .join(Conversation, Conversation.id == Participant.conversation_id)
    .outerjoin(TalkGroup, TalkGroup.conversation_id == Conversation.id)
    .outerjoin(DirectTalk, DirectTalk.conversation_id == Conversation.id)
    .where(
        Participant.account_id == any_(bindparam("account_ids", type_=ARRAY(Uuid))),
        or_(TalkGroup.conversation_id.is_not(None), DirectTalk.conversation_id.is_not(None)),
        # Who has left is told of that, and of nothing that comes after.
        or_(Participant.moved_in >= _SINCE, (Conversation.moved_in >= _SINCE) & Participant.left_at.is_(None)),
    )
)


def read_progress(session: Session, conversation_ids: Collection[UUID]) -> dict[UUID, Progress]:
    """Read how far each conversation has got."""
    rows = run(session, _PROGRESS, {"ids": list(conversation_ids)})
    return {row.id: Progress(row.last_number, row.last_change) for row in rows}


def read_oldest_under_way(session: Session) -> int:
    """Name the oldest transaction that is under way: whatever is stored from now on was made by it or a younger one."""
    oldest: int = run(session, _OLDEST, {}).scalar_one()
    return oldest


def read_moved(session: Session, account_ids: Collection[UUID], *, since: int) -> list[Moved]:
    """List the messenger's conversations of people that have moved since a transaction."""
    rows = run(session, _MOVED, {"account_ids": list(account_ids), "since": since})
    return [Moved(*row) for row in rows]
