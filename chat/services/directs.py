"""One to one: the one conversation of two people."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chat.errors import MayNotWriteTo, NotToOneself
from chat.models import DirectTalk
from chat.policies import START_CONVERSATIONS
from chat.queries.people import may_write_to
from chat.services.messages import open_conversation
from registry_core.access.actors import Actor, require


def open_direct(session: Session, actor: Actor, account_id: UUID) -> UUID:
    """Open the conversation with somebody, or find the one that there is; return its id.

    Nobody is told before something is said. Raises Forbidden, NotToOneself, MayNotWriteTo.
    """
    require(actor, START_CONVERSATIONS)
    if account_id == actor.account_id:
        raise NotToOneself
    lower, higher = sorted((actor.account_id, account_id))
    # Two who begin at the same moment come one after the other; the unique constraint guards what this lock arranges.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{lower}{higher}", 0))))
    known = session.scalar(
        select(DirectTalk.conversation_id).where(DirectTalk.lower_id == lower, DirectTalk.higher_id == higher)
    )
    if known is not None:
        return known
    if not may_write_to(session, actor, account_id):
        raise MayNotWriteTo
    conversation = open_conversation(session, account_ids=[lower, higher])
    session.add(
        DirectTalk(conversation_id=conversation.id, lower_id=lower, higher_id=higher, opened_by_id=actor.account_id)
    )
    session.flush()
    return conversation.id
