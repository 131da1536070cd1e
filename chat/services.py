"""Writes of the channel: open, join, post, mark. Stored before acknowledged, stored once, numbered without gaps."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chat import policies, queries
from chat.errors import ClientIdReused, ConversationReadOnly, MessageEmpty, MessageNotText, MessageTooLong
from chat.models import LONGEST_MESSAGE, Conversation, Message, MessageKind, Participant
from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.db import new_id


def open_conversation(session: Session, *, account_ids: list[UUID]) -> Conversation:
    """Open a conversation between accounts."""
    conversation = Conversation(id=new_id(), created_at=clock.now(), last_number=0)
    session.add(conversation)
    session.flush()
    for account_id in account_ids:
        add_participant(session, conversation.id, account_id)
    return conversation


def add_participant(session: Session, conversation_id: UUID, account_id: UUID) -> None:
    """Let an account take part; one who left comes back, one who is there stays."""
    session.execute(
        insert(Participant)
        .values(conversation_id=conversation_id, account_id=account_id, joined_at=clock.now())
        .on_conflict_do_update(index_elements=["conversation_id", "account_id"], set_={"left_at": None})
    )


def checked_body(body: str) -> str:
    """Take white space off both ends and refuse what is no message.

    Raises MessageEmpty, MessageTooLong, MessageNotText.
    """
    text = body.strip()
    if not text:
        raise MessageEmpty
    if len(text) > LONGEST_MESSAGE:
        raise MessageTooLong
    if any(not (char.isprintable() or char in "\n\t\r\u3000\u00a0\u200d\ufe0f") for char in text):
        raise MessageNotText
    return text


def post_message(
    session: Session, actor: Actor, conversation_id: UUID, *, client_id: str, body: str
) -> tuple[Message, bool]:
    """Store a message and say whether it is new; the same `client_id` again gives the stored one back.

    Raises ConversationNotFound, ConversationReadOnly, MessageEmpty, MessageTooLong, MessageNotText, ClientIdReused.
    """
    access = queries.get_access(session, actor, conversation_id)
    text = checked_body(body)
    # The conversation's row is locked before looking, so that two copies of one message cannot both find nothing.
    number = _lock_counter(session, conversation_id) + 1
    known = _find_sent(session, conversation_id, actor.account_id, client_id)
    if known is not None:
        if known.body != text:
            raise ClientIdReused
        return known, False
    if not access.may_write:
        raise ConversationReadOnly
    message = Message(
        conversation_id=conversation_id,
        number=number,
        sender_id=actor.account_id,
        client_id=client_id,
        kind=MessageKind.TEXT,
        body=text,
    )
    _store(session, message)
    policies.tell_posted(session, message)
    return message, True


def post_note(session: Session, conversation_id: UUID, *, body: str) -> Message:
    """Store a line in which the house tells what happened."""
    number = _lock_counter(session, conversation_id) + 1
    message = Message(conversation_id=conversation_id, number=number, kind=MessageKind.NOTE, body=body)
    _store(session, message)
    return message


def mark(session: Session, actor: Actor, conversation_id: UUID, *, delivered: int, read: int) -> tuple[int, int] | None:
    """Move a participant's marks forward, never back and never past the last message.

    Returns the marks where they moved, None where they stand or the actor only reads along.
    Raises ConversationNotFound.
    """
    queries.get_access(session, actor, conversation_id)
    last = select(Conversation.last_number).where(Conversation.id == conversation_id).scalar_subquery()
    new_read = func.greatest(Participant.read_up_to, func.least(read, last))
    new_delivered = func.greatest(Participant.delivered_up_to, func.least(func.greatest(delivered, read), last))
    moved = session.execute(
        update(Participant)
        .where(
            Participant.conversation_id == conversation_id,
            Participant.account_id == actor.account_id,
            (Participant.read_up_to < new_read) | (Participant.delivered_up_to < new_delivered),
        )
        .values(read_up_to=new_read, delivered_up_to=new_delivered)
        .returning(Participant.delivered_up_to, Participant.read_up_to)
    ).first()
    return (moved[0], moved[1]) if moved else None


def _lock_counter(session: Session, conversation_id: UUID) -> int:
    return session.scalars(
        select(Conversation.last_number).where(Conversation.id == conversation_id).with_for_update()
    ).one()


def _find_sent(session: Session, conversation_id: UUID, sender_id: UUID, client_id: str) -> Message | None:
    return session.scalar(
        select(Message).where(
            Message.conversation_id == conversation_id,
            Message.sender_id == sender_id,
            Message.client_id == client_id,
        )
    )


def _store(session: Session, message: Message) -> None:
    message.id = new_id()
    message.sent_at = clock.now()
    session.execute(
        update(Conversation)
        .where(Conversation.id == message.conversation_id)
        .values(last_number=message.number)
        .execution_options(synchronize_session=False)
    )
    session.add(message)
    session.flush()
