"""Writes of the channel: open, join, post, mark. Stored before acknowledged, stored once, numbered without gaps."""

from __future__ import annotations

import re
import unicodedata
from typing import cast
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Table, Text, Uuid, bindparam, func, select, update
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from chat import queries
from chat.errors import (
    ClientIdReused,
    ConversationNotFound,
    ConversationReadOnly,
    MessageEmpty,
    MessageNotText,
    MessageTooLong,
)
from chat.models import LONGEST_MESSAGE, Conversation, Message, MessageKind, Participant
from chat.policies import Access
from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.db import new_id, run


def this_transaction() -> ColumnElement[int]:
    """Name the transaction under way, for the cursor over all conversations (`chat.queries.inbox`)."""
    return cast_to(cast_to(func.pg_current_xact_id(), Text), BigInteger)


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
        .values(
            conversation_id=conversation_id,
            account_id=account_id,
            joined_at=clock.now(),
            moved_in=this_transaction(),
        )
        .on_conflict_do_update(
            index_elements=["conversation_id", "account_id"], set_={"left_at": None, "moved_in": this_transaction()}
        )
    )


# Controls and halves of surrogate pairs. Everything else is text, also characters that this Python does not know yet:
# those of rare names come with each Unicode version, and some systems still write them in the private use area.
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_UNSEEN = frozenset({"Cf", "Zl", "Zp", "Zs"})


def checked_body(body: str) -> str:
    """Take white space off both ends, write line ends as one sign, and refuse what is no message.

    Raises MessageEmpty, MessageTooLong, MessageNotText.
    """
    text = body.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > LONGEST_MESSAGE:
        raise MessageTooLong
    if _NO_TEXT.search(text):
        raise MessageNotText
    if all(char in "\n\t" or unicodedata.category(char) in _UNSEEN for char in text):
        raise MessageEmpty
    return text


def post_message(
    session: Session, actor: Actor, conversation_id: UUID, *, client_id: str, body: str, access: Access | None = None
) -> tuple[Message, bool]:
    """Store a message and say whether it is new; the same `client_id` again gives the stored one back.

    `access` is what `queries.get_access` has just said, for a caller that has asked already.
    Raises ConversationNotFound, ConversationReadOnly, MessageEmpty, MessageTooLong, MessageNotText, ClientIdReused.
    """
    access = access or queries.get_access(session, actor, conversation_id)
    text = checked_body(body)
    message = Message(
        conversation_id=conversation_id,
        sender_id=actor.account_id,
        client_id=client_id,
        kind=MessageKind.TEXT,
        body=text,
    )
    if access.may_write and _store(session, message):
        if access.hear is not None:
            access.hear(session, message)
        return message, True
    known = _find_sent(session, conversation_id, actor.account_id, client_id)
    if known is None:
        raise ConversationReadOnly
    if known.body != text:
        raise ClientIdReused
    return known, False


def post_note(session: Session, conversation_id: UUID, *, body: str) -> Message:
    """Store a line in which the house tells what happened.

    Raises ConversationNotFound.
    """
    message = Message(conversation_id=conversation_id, kind=MessageKind.NOTE, body=body)
    if not _store(session, message):
        raise ConversationNotFound
    return message


def mark(session: Session, actor: Actor, conversation_id: UUID, *, delivered: int, read: int) -> tuple[int, int] | None:
    """Move a participant's marks forward, never back and never past the last message.

    Returns the marks where they moved, None where they stand or the actor only reads along.
    Raises ConversationNotFound.
    """
    queries.get_access(session, actor, conversation_id)
    return move_marks(session, actor.account_id, conversation_id, delivered=delivered, read=read)


def move_marks(
    session: Session, account_id: UUID, conversation_id: UUID, *, delivered: int, read: int
) -> tuple[int, int] | None:
    """Move marks as `mark` does, for a caller that has checked the right."""
    last = select(Conversation.last_number).where(Conversation.id == conversation_id).scalar_subquery()
    new_read = func.greatest(Participant.read_up_to, func.least(read, last))
    new_delivered = func.greatest(Participant.delivered_up_to, func.least(func.greatest(delivered, read), last))
    moved = session.execute(
        update(Participant)
        .where(
            Participant.conversation_id == conversation_id,
            Participant.account_id == account_id,
            (Participant.read_up_to < new_read) | (Participant.delivered_up_to < new_delivered),
        )
        .values(read_up_to=new_read, delivered_up_to=new_delivered, moved_in=this_transaction())
        .returning(Participant.delivered_up_to, Participant.read_up_to)
    ).first()
    return (moved[0], moved[1]) if moved else None


def _find_sent(session: Session, conversation_id: UUID, sender_id: UUID, client_id: str) -> Message | None:
    return session.scalar(
        select(Message).where(
            Message.conversation_id == conversation_id,
            Message.sender_id == sender_id,
            Message.client_id == client_id,
        )
    )


_MESSAGES = cast("Table", Message.__table__)
_GIVEN = ("id", "conversation_id", "sender_id", "client_id", "kind", "body", "sent_at")


def _build_store() -> ReturningInsert[int]:
    """Build the write of every message: take the conversation's next number and insert under it, in one round trip.

    The counter's row stays locked until commit, so numbers follow the order of commits and leave no gap; of two copies
    of one message the later waits there, and then finds the first.
    """
    counted = (
        update(Conversation)
        .where(Conversation.id == bindparam("new_conversation_id", type_=Uuid))
        .values(last_number=Conversation.last_number + 1, moved_in=this_transaction())
        .returning(Conversation.last_number)
        .cte("counted")
    )
    # Not under the columns' own names: what is given for `id` would otherwise be set in the conversation as well.
    given = (bindparam(f"new_{name}", type_=_MESSAGES.c[name].type) for name in _GIVEN)
    return (
        insert(_MESSAGES)
        .from_select([*_GIVEN, "number"], select(*given, counted.c.last_number))
        .on_conflict_do_nothing(index_elements=["conversation_id", "sender_id", "client_id"])
        .returning(_MESSAGES.c.number)
    )


_STORE = _build_store()
_GIVE_BACK = (
    update(Conversation)
    .where(Conversation.id == bindparam("conversation", type_=Uuid))
    .values(last_number=Conversation.last_number - 1)
)


def _store(session: Session, message: Message) -> bool:
    """Number and insert a message; False where the sender's id is known, and then nothing has changed."""
    message.id = new_id()
    message.sent_at = clock.now()
    number = run(session, _STORE, {f"new_{name}": getattr(message, name) for name in _GIVEN}).scalar()
    if number is None:
        run(session, _GIVE_BACK, {"conversation": message.conversation_id})
        return False
    message.number = number
    return True
