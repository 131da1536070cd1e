"""Word to open pages that something is new in one of a person's conversations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core import live

What = Literal["message", "changed", "read", "members"]
"""Something was said; what was said is no longer the same; the person has read on elsewhere; name, members or one's own
settings are no longer the same."""


def conversation_room(conversation_id: UUID, epoch: int = 0) -> str:
    """Name the room of everybody who has a conversation open and may still read it."""
    return f"conversation:{conversation_id}:{epoch}" if epoch else f"conversation:{conversation_id}"


def group_room(conversation_id: UUID, epoch: int) -> str:
    """Name the room of everybody in a group who has a page open, whichever."""
    return f"group:{conversation_id}:{epoch}"


def tell_of(
    session: Session,
    room: str,
    conversation_id: UUID,
    what: What,
    *,
    sender_id: UUID | None = None,
    number: int | None = None,
) -> None:
    """Push `conversations:changed` once the transaction has committed; `number` is that of a message."""
    payload = {
        "conversation_id": str(conversation_id),
        "what": what,
        "sender_id": str(sender_id) if sender_id else None,
        "number": number,
    }
    live.push(session, room, "conversations:changed", payload)


def tell_people(
    session: Session,
    account_ids: Iterable[UUID],
    conversation_id: UUID,
    what: What,
    *,
    sender_id: UUID | None = None,
    number: int | None = None,
) -> None:
    """Push `conversations:changed` to everything that these people have open."""
    for account_id in account_ids:
        tell_of(session, live.account_room(account_id), conversation_id, what, sender_id=sender_id, number=number)
