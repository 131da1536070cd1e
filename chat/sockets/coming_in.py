"""The socket command of a client that comes in with several conversations open (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from chat import policies
from chat.errors import ConversationNotFound
from chat.presence import Presence
from chat.presenters.coming_in import caught_packets
from chat.queries.coming_in import Since, read_since
from chat.sockets.channel import Join, room
from chat.sockets.inbox import Cursor, news_since
from registry_core import clock
from registry_core.sockets import ALIVE_ROOM, Call, Payload, command

MOST_AT_ONCE = 50


class JoinSeveral(Payload, frozen=True):
    """Conversations with what is known of each, and the cursor over all of them for who wants to know of the others."""

    conversations: Annotated[tuple[Join, ...], msgspec.Meta(min_length=1, max_length=MOST_AT_ONCE)]
    cursor: Cursor | None = None


@command("conversations:join", JoinSeveral)
def join_conversations(call: Call, sent: JoinSeveral) -> Mapping[str, Any]:
    """Hear several conversations from now on and get what came in each; one that is not theirs is named as such."""
    joined = join_all(call, sent.conversations)
    return {"conversations": joined, "news": None if sent.cursor is None else news_since(call, sent.cursor)}


def join_all(call: Call, wanted: Sequence[Join]) -> list[dict[str, Any]]:
    """Enter the rooms, then read: what is stored in between would otherwise reach nobody."""
    accesses = policies.accesses_to(call.session, [(call.actor, one.conversation_id) for one in wanted])
    readable = [one for one, access in zip(wanted, accesses, strict=True) if access.may_read]
    for one, access in zip(wanted, accesses, strict=True):
        if access.may_read:
            call.join(room(one.conversation_id, access.epoch))
    # Whoever has a conversation open is shown there to the other side.
    call.join(ALIVE_ROOM)
    Presence(call.store).beat(call.actor.account_id, clock.now())
    since = [Since(one.conversation_id, one.after, one.changes_after) for one in readable]
    told = iter(caught_packets(call.session, call.actor, read_since(call.session, since)) if since else ())
    return [
        {
            "conversation_id": str(one.conversation_id),
            **({**next(told), "may_write": access.may_write} if access.may_read else _refusal()),
        }
        for one, access in zip(wanted, accesses, strict=True)
    ]


def _refusal() -> dict[str, Any]:
    refusal = ConversationNotFound()
    return {"error": {"code": refusal.code, "message": refusal.text}}
