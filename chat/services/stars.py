"""Marking messages for oneself; no change of the conversation, since nobody else is told."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chat import queries
from chat.errors import MessageNotFound, MessageTakenBack
from chat.models import Message, MessageKind, MessageStar
from registry_core import clock
from registry_core.access.actors import Actor


def star(session: Session, actor: Actor, conversation_id: UUID, number: int, *, on: bool) -> UUID:
    """Mark a message for oneself, or no longer; whoever may read it may do so. Name the message.

    Raises ConversationNotFound, MessageNotFound, MessageTakenBack.
    """
    queries.get_access(session, actor, conversation_id)
    message = session.scalar(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.number == number, Message.kind == MessageKind.TEXT)
        # Nobody takes it back in between: its marks would stay.
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    if message is None:
        raise MessageNotFound
    if not on:
        session.execute(
            delete(MessageStar).where(MessageStar.account_id == actor.account_id, MessageStar.message_id == message.id)
        )
        return message.id
    if message.taken_back_at is not None:
        raise MessageTakenBack
    row = {"account_id": actor.account_id, "message_id": message.id, "at": clock.now()}
    session.execute(insert(MessageStar).values(row).on_conflict_do_nothing())
    return message.id
