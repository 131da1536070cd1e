"""What people do with messages that stand there: edit them, take them back.

Each act counts as one change of its conversation: numbered without gaps, under the lock that numbers the messages. It
moves the message to that number, so that a client asks for what has changed after the last change it knows of.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from chat import queries
from chat.errors import (
    ConversationReadOnly,
    MessageNotFound,
    MessageTakenBack,
    NotYourMessage,
    TooLateToEdit,
    TooLateToTakeBack,
)
from chat.models import (
    Conversation,
    Message,
    MessageKind,
    MessagePin,
    MessageReaction,
    MessageRevision,
    MessageStar,
    RevisionAct,
)
from chat.queries.acts import times_of
from chat.queries.messenger import find_thread
from chat.services.messages import checked_body, this_transaction
from chat.services.telling import group_room, tell_of, tell_people
from registry_core import clock
from registry_core.access.actors import Actor


def edit_message(session: Session, actor: Actor, conversation_id: UUID, number: int, *, body: str) -> tuple[UUID, bool]:
    """Let one's own message say something else; name it, and say whether it does now what it did not before.

    Raises ConversationNotFound, ConversationReadOnly, MessageNotFound, NotYourMessage, MessageTakenBack, TooLateToEdit,
    MessageEmpty, MessageTooLong, MessageNotText.
    """
    text = checked_body(body)
    message = _get_own(session, actor, conversation_id, number)
    if message.taken_back_at is not None:
        raise MessageTakenBack
    if message.body == text:
        return message.id, False
    allowed = times_of(session, actor).edit
    if clock.now() - message.sent_at > allowed:
        raise TooLateToEdit(int(allowed.total_seconds()) // 60)
    _revise(session, actor, message, RevisionAct.EDIT, body=text, edited_at=clock.now())
    return message.id, True


def take_back(session: Session, actor: Actor, conversation_id: UUID, number: int) -> tuple[UUID, bool]:
    """Take one's own message back: its text is gone for everybody, and a line says that there was one.

    Raises ConversationNotFound, ConversationReadOnly, MessageNotFound, NotYourMessage, TooLateToTakeBack.
    """
    message = _get_own(session, actor, conversation_id, number)
    if message.taken_back_at is not None:
        return message.id, False
    allowed = times_of(session, actor).take_back
    if clock.now() - message.sent_at > allowed:
        raise TooLateToTakeBack(int(allowed.total_seconds()) // 60)
    _revise(session, actor, message, RevisionAct.TAKE_BACK, body="", taken_back_at=clock.now())
    return message.id, True


def get_changeable(session: Session, actor: Actor, conversation_id: UUID, number: int) -> Message:
    """Get a message of somebody in a conversation where the actor may write, with the conversation's counter locked.

    Raises ConversationNotFound, ConversationReadOnly, MessageNotFound.
    """
    if not queries.get_access(session, actor, conversation_id).may_write:
        raise ConversationReadOnly
    session.execute(select(Conversation.id).where(Conversation.id == conversation_id).with_for_update())
    message = session.scalar(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.number == number, Message.kind == MessageKind.TEXT)
        .execution_options(populate_existing=True)
    )
    if message is None:
        raise MessageNotFound
    return message


def change_message(session: Session, actor: Actor, message: Message, **values: Any) -> int:
    """Count a change of what a message says, and tell the lists; the counter is locked already."""
    if "taken_back_at" in values:
        _clear(session, message)
    change = count_change(session, message, **values)
    _tell_lists(session, actor, message.conversation_id)
    return change


def count_change(session: Session, message: Message, **values: Any) -> int:
    """Count a change of the conversation and write it into the message; the counter is locked already."""
    change = session.execute(
        update(Conversation)
        .where(Conversation.id == message.conversation_id)
        .values(last_change=Conversation.last_change + 1, moved_in=this_transaction())
        .returning(Conversation.last_change)
    ).scalar_one()
    session.execute(update(Message).where(Message.id == message.id).values(change=change, **values))
    return change


def _clear(session: Session, message: Message) -> None:
    """Take away what people have set beside a message that is taken back."""
    for beside in (MessageReaction, MessagePin, MessageStar):
        session.execute(delete(beside).where(beside.message_id == message.id))


def _get_own(session: Session, actor: Actor, conversation_id: UUID, number: int) -> Message:
    message = get_changeable(session, actor, conversation_id, number)
    if message.sender_id != actor.account_id:
        raise NotYourMessage
    return message


def _revise(session: Session, actor: Actor, message: Message, act: RevisionAct, **values: Any) -> None:
    before = message.body
    change = change_message(session, actor, message, **values)
    session.add(
        MessageRevision(
            conversation_id=message.conversation_id,
            change=change,
            message_id=message.id,
            act=act,
            body=before,
            account_id=actor.account_id,
            at=clock.now(),
        )
    )
    session.flush()


def _tell_lists(session: Session, actor: Actor, conversation_id: UUID) -> None:
    """Let the lists of the messenger show what the last message says now."""
    thread = find_thread(session, actor, conversation_id)
    if thread is None:
        return
    if thread.is_direct:
        both = [one for one in (thread.lower_id, thread.higher_id) if one is not None]
        tell_people(session, both, thread.id, "changed", sender_id=actor.account_id)
    else:
        room = group_room(thread.id, thread.epoch)
        tell_of(session, room, thread.id, "changed", sender_id=actor.account_id)
