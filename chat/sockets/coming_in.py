"""The socket command of a client that comes in with several conversations open (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from chat import policies
from chat.errors import ConversationNotFound
from chat.presence import Presence
from chat.presenters.acts import packets_of
from chat.queries.coming_in import Caught, Since, read_since
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
    told = iter(_tell(call, read_since(call.session, since)) if since else ())
    return [
        {
            "conversation_id": str(one.conversation_id),
            **({**next(told), "may_write": access.may_write} if access.may_read else _refusal()),
        }
        for one, access in zip(wanted, accesses, strict=True)
    ]


def _tell(call: Call, caught: Sequence[Caught]) -> list[dict[str, Any]]:
    """Make the packets of all at once: what goes with messages is read once for all of them."""
    lines = [line for one in caught for line in (*one.page.lines, *one.changes.lines)]
    packets = iter(packets_of(call.session, call.actor, lines) if lines else ())
    return [
        {
            "messages": [next(packets) for _ in one.page.lines],
            "last_number": one.page.last_number,
            "more": one.page.more,
            "changes": [next(packets) for _ in one.changes.lines],
            "last_change": one.changes.last_change,
            "more_changes": one.changes.more,
            "marks": {str(account_id): list(mark) for account_id, mark in one.marks.items()},
        }
        for one in caught
    ]


def _refusal() -> dict[str, Any]:
    refusal = ConversationNotFound()
    return {"error": {"code": refusal.code, "message": refusal.text}}
