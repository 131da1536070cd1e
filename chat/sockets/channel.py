"""Socket commands of the channel (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec

from chat import policies, queries, services
from chat.models import LONGEST_CLIENT_ID, MOST_MENTIONS, Message
from chat.presence import Presence
from chat.presenters import Dress, message_packet, own_level
from chat.presenters.acts import changes_packet, packet_of, packets_of
from chat.presenters.coming_in import caught_packets
from chat.presenters.drafts import draft_packet
from chat.presenters.reactions import NOTHING_OWN
from chat.queries import Line, Page
from chat.queries.coming_in import Since, read_since
from chat.queries.drafts import find_stored
from chat.queries.replies import read_mentioned, read_quoted
from chat.services.replies import About
from chat.services.telling import conversation_room, tell_of
from registry_core import clock, live
from registry_core.errors import DomainError
from registry_core.sockets import ALIVE_ROOM, Call, Payload, command

# What does not fit its column is refused here, in words; the database would only fail.
ClientId = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_CLIENT_ID)]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class Join(Payload, frozen=True):
    """Open a conversation and ask for what came after a number, and for what was changed after a change."""

    conversation_id: UUID
    after: Number = 0
    changes_after: Number | None = None


class Carrying(Payload, frozen=True):
    """What a message carries beside its text: what it replies to, and whom it calls."""

    reply_to: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    quote: str | None = None
    mentions: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=MOST_MENTIONS)] = ()
    mentions_all: bool = False

    @property
    def about(self) -> About:
        """The same for the services."""
        return About(self.reply_to, self.quote or "", self.mentions, self.mentions_all)


class Send(Carrying, frozen=True, kw_only=True):
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
    return conversation_room(conversation_id, epoch)


@command("conversation:join", Join)
def join_conversation(call: Call, sent: Join) -> Mapping[str, Any]:
    """Hear a conversation from now on and get what came after a number."""
    access = queries.get_access(call.session, call.actor, sent.conversation_id)
    # The room first: a message stored between reading and joining would otherwise reach nobody.
    call.join(room(sent.conversation_id, access.epoch))
    # Whoever has a conversation open is shown there to the other side.
    call.join(ALIVE_ROOM)
    Presence(call.store).beat(call.actor.account_id, clock.now())
    caught = read_since(call.session, [Since(sent.conversation_id, sent.after, sent.changes_after)])
    [told] = caught_packets(call.session, call.actor, caught)
    draft = find_stored(call.session, call.actor.account_id, sent.conversation_id) if access.may_write else None
    return {
        **told,
        "may_write": access.may_write,
        "draft": draft_packet(sent.conversation_id, draft),
    }


@command("message:sync", Join)
def sync_messages(call: Call, sent: Join) -> Mapping[str, Any]:
    """Get what came after a number."""
    queries.get_access(call.session, call.actor, sent.conversation_id)
    # The changes first: what is changed in between stands in the messages, and is told once more the next time.
    changes = changes_packet(call.session, call.actor, sent.conversation_id, sent.changes_after)
    page = queries.read_messages(call.session, sent.conversation_id, after=sent.after)
    return {**_packets(call, page), **changes}


def send_messages(orders: Sequence[tuple[Call, Send]]) -> list[Mapping[str, Any] | DomainError]:
    """Store messages of many people; each is acknowledged with its number, and the others hear it after commit."""
    session = orders[0][0].session
    wanted = [(call.actor, sent.conversation_id) for call, sent in orders]
    accesses = policies.accesses_to(session, wanted)
    posts = [
        services.Post(call.actor, sent.conversation_id, sent.client_id, sent.body, access, sent.about)
        for (call, sent), access in zip(orders, accesses, strict=True)
    ]
    outcomes = services.post_messages(session, posts)
    return [_acknowledge(call, post, outcome) for (call, _), post, outcome in zip(orders, posts, outcomes, strict=True)]


def _acknowledge(
    call: Call, post: services.Post, outcome: services.Posted | DomainError
) -> Mapping[str, Any] | DomainError:
    if isinstance(outcome, DomainError):
        return outcome
    if not outcome.is_new:
        # It may have been changed since it was stored, and others may have set something beside it.
        return {"message": packet_of(call.session, call.actor, outcome.message.id)}
    packet = _packet(call, outcome.message)
    live.push(call.session, room(post.conversation_id, post.access.epoch), "message:new", packet, skip=call.sid)
    return {"message": {**packet, "own": NOTHING_OWN}}


@command("message:send", Send, together=send_messages)
def send_message(call: Call, sent: Send) -> Mapping[str, Any]:
    """Store a message; the acknowledgement carries its number, and everybody else hears it after commit."""
    outcome = send_messages([(call, sent)])[0]
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


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
    return {
        "messages": packets_of(call.session, call.actor, page.lines),
        "last_number": page.last_number,
        "more": page.more,
    }


def _packet(call: Call, message: Message) -> dict[str, Any]:
    line = Line.of(message, call.name)
    return message_packet(line, worn_by(call, line))


def worn_by(call: Call, line: Line) -> Dress:
    """Read what goes with a message that was sent this moment; nothing is asked for where it carries nothing."""
    return Dress(
        levels=own_level(call.actor),
        quoted=read_quoted(call.session, [line]),
        mentioned=read_mentioned(call.session, [line]),
    )
