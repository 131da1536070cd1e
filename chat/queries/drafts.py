"""Reads of what stands unsent in somebody's boxes: their own alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chat.models import Draft
from registry_core.access.actors import Actor


@dataclass(frozen=True, slots=True)
class DraftLine:
    """What is kept, and the how-manieth it is."""

    body: str
    reply_to: int | None
    quote: str | None
    written_at: datetime
    version: int


_COLUMNS = (Draft.body, Draft.reply_to, Draft.quote, Draft.written_at, Draft.version)


def find_stored(session: Session, account_id: UUID, conversation_id: UUID) -> DraftLine | None:
    """Find what is kept of a box, also that nothing stands in it any more."""
    row = session.execute(
        select(*_COLUMNS).where(Draft.account_id == account_id, Draft.conversation_id == conversation_id)
    ).one_or_none()
    return DraftLine(*row) if row else None


def find_draft(session: Session, actor: Actor, conversation_id: UUID) -> DraftLine | None:
    """Find what the actor has left unsent in a conversation, for a caller that has checked the right."""
    found = find_stored(session, actor.account_id, conversation_id)
    return found if found and found.body else None


def list_drafts(session: Session, actor: Actor, conversation_ids: Collection[UUID]) -> dict[UUID, str]:
    """List the texts that the actor has left unsent in these conversations."""
    rows = session.execute(
        select(Draft.conversation_id, Draft.body).where(
            Draft.account_id == actor.account_id, Draft.conversation_id.in_(conversation_ids), Draft.body != ""
        )
    )
    return {row.conversation_id: row.body for row in rows}
