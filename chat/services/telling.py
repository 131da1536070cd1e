"""Word to open pages that something is new in one of a person's conversations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from chat.models import Message
from registry_core import live

CHANGED = "conversations:changed"

What = Literal["message", "changed", "read", "members"]
"""Something was said; what was said is no longer the same; the person has read on elsewhere; name, members or one's own
settings are no longer the same."""


def conversation_room(conversation_id: UUID, epoch: int = 0) -> str:
    """Name the room of everybody who has a conversation open and may still read it."""
    return f"conversation:{conversation_id}:{epoch}" if epoch else f"conversation:{conversation_id}"


def group_room(conversation_id: UUID, epoch: int) -> str:
    """Name the room of everybody in a group who has a page open, whichever."""
    return f"group:{conversation_id}:{epoch}"


def tell_of(session: Session, room: str, conversation_id: UUID, what: What, *, sender_id: UUID | None = None) -> None:
    """Push `conversations:changed` once the transaction has committed."""
    live.push(session, room, CHANGED, _word(conversation_id, what, sender_id, None))


def tell_people(
    session: Session, account_ids: Iterable[UUID], conversation_id: UUID, what: What, *, sender_id: UUID | None = None
) -> None:
    """Push `conversations:changed` to everything that these people have open."""
    for account_id in account_ids:
        tell_of(session, live.account_room(account_id), conversation_id, what, sender_id=sender_id)


def tell_of_said(session: Session, rooms: Iterable[str], message: Message, epoch: int) -> None:
    """Push word of a message to rooms, but for the lines that have its conversation open.

    Those get the message itself; a frame of word for each of them would halve the speed of a large group.
    """
    word = _word(message.conversation_id, "message", message.sender_id, message.number)
    for room in rooms:
        live.push(session, room, CHANGED, word, skip=conversation_room(message.conversation_id, epoch))


def _word(conversation_id: UUID, what: What, sender_id: UUID | None, number: int | None) -> dict[str, object]:
    return {
        "conversation_id": str(conversation_id),
        "what": what,
        "sender_id": str(sender_id) if sender_id else None,
        "number": number,
    }
