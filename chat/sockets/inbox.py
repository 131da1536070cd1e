"""Socket commands over all of a person's conversations (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec

from chat.presence import Presence
from chat.queries.calls import list_in_call
from chat.queries.inbox import News, read_inbox
from chat.queries.messenger import get_thread, list_members, list_threads
from chat.services.telling import group_room
from registry_core import clock
from registry_core.sockets import ALIVE_ROOM, Call, Payload, command

MOST_LOOKED_AT = 200
"""People of one group of whom it is told whether they are there."""


Cursor = Annotated[str, msgspec.Meta(max_length=64)]


class Inbox(Payload, frozen=True):
    """The cursor that the last answer gave; empty at the first time."""

    cursor: Cursor = ""


class Look(Payload, frozen=True):
    """The conversation that is open, if one is."""

    conversation_id: UUID | None = None


@command("conversations:sync", Inbox)
def sync_conversations(call: Call, sent: Inbox) -> Mapping[str, Any]:
    """Hear of everything new from now on, and get what has changed since a cursor."""
    answer = news_since(call, sent.cursor)
    # Whoever has a page open is shown to colleagues as there.
    call.join(ALIVE_ROOM)
    Presence(call.store).beat(call.actor.account_id, clock.now())
    return answer


def news_since(call: Call, cursor: str) -> dict[str, Any]:
    """Enter the rooms of all groups, and say what has changed in which conversation since a cursor."""
    mine = list_threads(call.session, call.actor)
    # The rooms first, as when joining a conversation: what is said between would otherwise reach nobody.
    for thread in mine:
        if not thread.is_direct:
            call.join(group_room(thread.id, thread.epoch))
    found = read_inbox(call.session, call.actor, cursor, mine)
    return {
        "cursor": found.cursor,
        "reload": found.must_reload,
        "conversations": [_packet(one) for one in found.news],
        "with_unread": found.with_unread,
    }


@command("conversations:presence", Look)
def look_who_is_there(call: Call, sent: Look) -> Mapping[str, Any]:
    """Say who of one's direct conversations, and of the one that is open, is there; null where nobody knows."""
    me = call.actor.account_id
    others = {thread.other_id(me) for thread in list_threads(call.session, call.actor) if thread.is_direct}
    if sent.conversation_id is not None:
        thread = get_thread(call.session, call.actor, sent.conversation_id)
        others |= {one.account_id for one in list_members(call.session, thread.id, limit=MOST_LOOKED_AT)}
    people = [one for one in others if one is not None]
    here = Presence(call.store).connected(people, clock.now())
    return {
        "people": {str(one): None if here is None else one in here for one in people},
        "in_call": sorted(str(one) for one in list_in_call(call.session, people)),
    }


def _packet(news: News) -> dict[str, Any]:
    return {
        "conversation_id": str(news.conversation_id),
        "kind": news.kind,
        "last_number": news.last_number,
        "read_up_to": news.read_up_to,
        "unread": news.unread,
        "is_muted": news.is_muted,
        "is_gone": news.is_gone,
    }
