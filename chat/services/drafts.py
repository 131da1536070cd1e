"""What stands unsent in somebody's box, kept so that they find it on each of their devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chat import queries
from chat.errors import ConversationReadOnly, MessageEmpty
from chat.models import Draft
from chat.queries.drafts import DraftLine, find_stored
from chat.services.messages import checked_body
from registry_core import clock
from registry_core.access.actors import Actor


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in a box, and how long ago it was written there: clocks of browsers go as they like."""

    body: str
    reply_to: int | None = None
    quote: str | None = None
    age: timedelta = timedelta(0)


def save_draft(
    session: Session, actor: Actor, conversation_id: UUID, written: Written
) -> tuple[DraftLine | None, bool]:
    """Keep what stands in a box, unless something newer is kept already; say what is kept now, and whether it is new.

    White space alone is nothing, and takes away what was kept.
    Raises ConversationNotFound, ConversationReadOnly, MessageTooLong, MessageNotText.
    """
    if not queries.get_access(session, actor, conversation_id).may_write:
        raise ConversationReadOnly
    body = _plain(written.body)
    known = find_stored(session, actor.account_id, conversation_id)
    if known is None and not body:
        return None, False
    values = {
        "body": body,
        "reply_to": written.reply_to if body else None,
        "quote": written.quote if body and written.reply_to else None,
        "written_at": clock.now() - max(written.age, timedelta(0)),
    }
    # Two devices at once: the database decides which was written later.
    add = insert(Draft).values(account_id=actor.account_id, conversation_id=conversation_id, version=1, **values)
    told = or_(*(getattr(Draft, name).is_distinct_from(add.excluded[name]) for name in ("body", "reply_to", "quote")))
    session.execute(
        add.on_conflict_do_update(
            index_elements=["account_id", "conversation_id"],
            set_={**values, "version": Draft.version + 1},
            where=(Draft.written_at <= add.excluded.written_at) & told,
        )
    )
    kept = find_stored(session, actor.account_id, conversation_id)
    is_new = kept is not None and (known is None or kept.version != known.version)
    return kept, is_new


def _plain(body: str) -> str:
    try:
        return checked_body(body)
    except MessageEmpty:
        return ""
