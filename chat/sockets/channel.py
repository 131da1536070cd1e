"""Socket commands of the channel (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec

from chat import queries, services
from chat.models import LONGEST_CLIENT_ID, Message
from chat.presence import Presence
from chat.presenters import levels_of, message_packet
from chat.presenters.files import view_files
from chat.queries import Line, Page
from chat.queries.numbers import list_readable
from chat.services.telling import tell_of
from registry_core import clock, live
from registry_core.sockets import ALIVE_ROOM, Call, Payload, command

# What does not fit its column is refused here, in words; the database would only fail.
ClientId = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_CLIENT_ID)]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class Join(Payload, frozen=True):
    """Open a conversation and ask for what came after a number."""

    conversation_id: UUID
    after: Number = 0


class Send(Payload, frozen=True):
    """A message with the sender's own id."""

    conversation_id: UUID
    client_id: ClientId
    body: str


class Mark(Payload, frozen=True):
    """Up to which number messages have arrived and been read."""

    conversation_id: UUID
    delivered: Number
    read: Number


class Typing(Payload, frozen=True):
    """Whether somebody is writing."""

    conversation_id: UUID
    typing: bool


def room(conversation_id: UUID, epoch: int = 0) -> str:
    """Name the room of everybody who has a conversation open and may still read it."""
    return f"conversation:{conversation_id}:{epoch}" if epoch else f"conversation:{conversation_id}"


@command("conversation:join", Join)
def join_conversation(call: Call, sent: Join) -> Mapping[str, Any]:
    """Hear a conversation from now on and get what came after a number."""
    access = queries.get_access(call.session, call.actor, sent.conversation_id)
    # The room first: a message stored between reading and joining would otherwise reach nobody.
    call.join(room(sent.conversation_id, access.epoch))
    # Whoever has a conversation open is shown there to the other side.
    call.join(ALIVE_ROOM)
    Presence(call.store).beat(call.actor.account_id, clock.now())
    page = queries.read_messages(call.session, sent.conversation_id, after=sent.after)
    marks = queries.read_marks(call.session, sent.conversation_id)
    return {
        **_packets(call, page),
        "marks": {str(account_id): list(mark) for account_id, mark in marks.items()},
        "may_write": access.may_write,
    }


@command("message:sync", Join)
def sync_messages(call: Call, sent: Join) -> Mapping[str, Any]:
    """Get what came after a number."""
    return _packets(call, queries.list_messages(call.session, call.actor, sent.conversation_id, after=sent.after))


@command("message:send", Send)
def send_message(call: Call, sent: Send) -> Mapping[str, Any]:
    """Store a message; the acknowledgement carries its number, and everybody else hears it after commit."""
    access = queries.get_access(call.session, call.actor, sent.conversation_id)
    message, is_new = services.post_message(
        call.session, call.actor, sent.conversation_id, client_id=sent.client_id, body=sent.body, access=access
    )
    packet = _packet(call, message)
    if is_new:
        live.push(call.session, room(sent.conversation_id, access.epoch), "message:new", packet, skip=call.sid)
    return {"message": packet}


@command("message:mark", Mark)
def mark_messages(call: Call, sent: Mark) -> Mapping[str, Any]:
    """Move one's own marks forward and show it to the others."""
    access = queries.get_access(call.session, call.actor, sent.conversation_id)
    account_id = call.actor.account_id
    moved = services.move_marks(
        call.session, account_id, sent.conversation_id, delivered=sent.delivered, read=sent.read
    )
    if moved is not None and access.is_listed:
        # The other tabs and devices of the same person count anew.
        tell_of(call.session, live.account_room(account_id), sent.conversation_id, "read")
    if moved is not None and access.shows_marks:
        payload = {
            "conversation_id": str(sent.conversation_id),
            "account_id": str(account_id),
            "delivered": moved[0],
            "read": moved[1],
        }
        live.push(call.session, room(sent.conversation_id, access.epoch), "conversation:marks", payload)
    return {}


@command("conversation:typing", Typing)
def show_typing(call: Call, sent: Typing) -> Mapping[str, Any]:
    """Show the others that somebody is writing; kept nowhere."""
    access = queries.get_access(call.session, call.actor, sent.conversation_id)
    if access.may_write:
        payload = {
            "conversation_id": str(sent.conversation_id),
            "account_id": str(call.actor.account_id),
            "name": call.name,
            "typing": sent.typing,
        }
        live.push(call.session, room(sent.conversation_id, access.epoch), "conversation:typing", payload, skip=call.sid)
    return {}


def _packets(call: Call, page: Page) -> dict[str, Any]:
    senders = {line.sender_id for line in page.lines if line.sender_id is not None}
    levels = levels_of(call.session, senders) if senders else {}
    files = view_files(call.session, [line.id for line in page.lines])
    readable = list_readable(call.session, call.actor, page.lines)
    return {
        "messages": [
            message_packet(
                line,
                levels.get(line.sender_id) if line.sender_id else None,
                files=files.get(line.id, ()),
                readable=readable,
            )
            for line in page.lines
        ],
        "last_number": page.last_number,
        "more": page.more,
    }


def _packet(call: Call, message: Message) -> dict[str, Any]:
    home = call.actor.home
    line = Line(
        message.id,
        message.conversation_id,
        message.number,
        message.kind,
        message.body,
        message.sent_at,
        message.sender_id,
        message.client_id,
        call.name,
    )
    return message_packet(line, home.unit_level if home else None)
