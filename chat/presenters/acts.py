"""What pages and sockets show of messages, and of what was done with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chat.presenters.conversations import message_packet
from chat.presenters.dress import dress
from chat.presenters.numbers import say_body
from chat.queries import Line
from chat.queries.acts import list_earlier_texts, read_changes, read_line
from chat.queries.numbers import list_readable
from registry_core.access.actors import Actor


def packets_of(session: Session, actor: Actor | None, lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Make messages as they travel over the socket (docs/protocol.md), to the actor or, without one, to a room."""
    shown = list(lines)
    worn = dress(session, actor, shown)
    return [message_packet(line, worn) for line in shown]


def packet_of(session: Session, actor: Actor | None, message_id: UUID) -> dict[str, Any]:
    """Make one message as it stands now."""
    [packet] = packets_of(session, actor, [read_line(session, message_id)])
    return packet


def changes_packet(session: Session, actor: Actor, conversation_id: UUID, after: int | None) -> dict[str, Any]:
    """Say what has changed after a change, for who asks; `last_change` is said to everybody."""
    found = read_changes(session, conversation_id, after=after)
    return {
        "changes": packets_of(session, actor, found.lines),
        "last_change": found.last_change,
        "more_changes": found.more,
    }


def earlier_packet(session: Session, actor: Actor, conversation_id: UUID, number: int) -> dict[str, Any]:
    """Say what a message says and said before, as far as the actor may read the numbers of persons in it.

    Raises ConversationNotFound, MessageNotFound.
    """
    line, texts = list_earlier_texts(session, actor, conversation_id, number)
    # The sender is the same for all of them: whoever may read the numbers of one text may read those of each.
    every = [line, *(line.saying(text.body) for text in texts)]
    readable = list_readable(session, actor, every)
    return {
        "body": say_body(line.body, line.sender_id, readable),
        "texts": [
            {"body": say_body(one.body, line.sender_id, readable), "until": one.until.isoformat()} for one in texts
        ],
    }
