"""What pages and sockets show of what stands unsent in one's own box."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chat.queries.drafts import DraftLine, find_draft
from registry_core import clock
from registry_core.access.actors import Actor


def draft_packet(conversation_id: UUID, draft: DraftLine | None) -> dict[str, Any]:
    """Make a draft as it travels over the socket; `seconds` is its age, for clocks of browsers go as they like."""
    if draft is None:
        empty = {"body": "", "reply_to": None, "quote": None, "version": 0, "seconds": 0.0}
        return {"conversation_id": str(conversation_id), **empty}
    return {
        "conversation_id": str(conversation_id),
        "body": draft.body,
        "reply_to": draft.reply_to,
        "quote": draft.quote,
        "version": draft.version,
        "seconds": max(0.0, (clock.now() - draft.written_at).total_seconds()),
    }


def view_draft(session: Session, actor: Actor, conversation_id: UUID) -> dict[str, Any] | None:
    """Present what the actor has left unsent in a conversation; None where nothing is left."""
    found = find_draft(session, actor, conversation_id)
    return draft_packet(conversation_id, found) if found else None
