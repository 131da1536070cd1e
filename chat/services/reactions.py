"""What people set beside messages that stand there, for all to see: reactions and pins.

Both count as a change of the conversation, so that whoever was away hears of them; neither moves anybody's list.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chat.emoji import is_emoji
from chat.errors import MessageTakenBack, NotAnEmoji, OwnersOnly, TooManyPins, TooManyReactions
from chat.models import MOST_PINS, MOST_REACTIONS, Message, MessagePin, MessageReaction
from chat.queries.reactions import may_pin
from chat.services.acts import count_change, get_changeable
from registry_core import clock
from registry_core.access.actors import Actor


def react(
    session: Session, actor: Actor, conversation_id: UUID, number: int, *, emoji: str, on: bool
) -> tuple[UUID, bool]:
    """Set an emoji under a message, or take one's own away; name the message, and say whether anything is new.

    Raises ConversationNotFound, ConversationReadOnly, MessageNotFound, MessageTakenBack, NotAnEmoji, TooManyReactions.
    """
    if not is_emoji(emoji):
        raise NotAnEmoji
    message = _get_said(session, actor, conversation_id, number)
    mine = session.get(MessageReaction, (message.id, actor.account_id, emoji))
    if (mine is not None) == on:
        return message.id, False
    if mine is not None:
        session.delete(mine)
    else:
        _require_room(session, message, emoji)
        session.add(MessageReaction(message_id=message.id, account_id=actor.account_id, emoji=emoji, at=clock.now()))
    session.flush()
    count_change(session, message)
    return message.id, True


def pin(session: Session, actor: Actor, conversation_id: UUID, number: int, *, on: bool) -> tuple[UUID, bool]:
    """Put a message on top of its conversation, or take it from there; as `react` answers.

    Raises ConversationNotFound, ConversationReadOnly, MessageNotFound, MessageTakenBack, OwnersOnly, TooManyPins.
    """
    message = _get_said(session, actor, conversation_id, number)
    if not may_pin(session, actor, conversation_id, may_write=True):
        raise OwnersOnly
    pinned = session.get(MessagePin, message.id)
    if (pinned is not None) == on:
        return message.id, False
    if pinned is not None:
        session.delete(pinned)
    else:
        count = session.scalar(select(func.count()).where(MessagePin.conversation_id == conversation_id)) or 0
        if count >= MOST_PINS:
            raise TooManyPins
        session.add(
            MessagePin(
                message_id=message.id, conversation_id=conversation_id, account_id=actor.account_id, at=clock.now()
            )
        )
    session.flush()
    count_change(session, message)
    return message.id, True


def _get_said(session: Session, actor: Actor, conversation_id: UUID, number: int) -> Message:
    message = get_changeable(session, actor, conversation_id, number)
    if message.taken_back_at is not None:
        raise MessageTakenBack
    return message


def _require_room(session: Session, message: Message, emoji: str) -> None:
    """Let a message have no more different emoji than may be; the conversation is locked, so nobody adds meanwhile."""
    there = set(session.scalars(select(MessageReaction.emoji).where(MessageReaction.message_id == message.id)))
    if emoji not in there and len(there) >= MOST_REACTIONS:
        raise TooManyReactions
