"""The socket command for what stands unsent in one's own box (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec

from chat.models import LONGEST_QUOTE
from chat.presenters.drafts import draft_packet
from chat.services.drafts import Written, save_draft
from registry_core import live
from registry_core.sockets import Call, Payload, command

LONGEST_AWAY = timedelta(days=365)
"""A browser that was without a line for longer says so long."""


class SaveDraft(Payload, frozen=True):
    """What stands in a box, and how many seconds ago it was written."""

    conversation_id: UUID
    body: str
    seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    reply_to: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    quote: Annotated[str, msgspec.Meta(max_length=LONGEST_QUOTE)] | None = None


@command("draft:save", SaveDraft)
def keep_draft(call: Call, sent: SaveDraft) -> Mapping[str, Any]:
    """Keep what stands in a box, or that nothing does; the person's other pages hear what is kept."""
    age = timedelta(seconds=min(sent.seconds, LONGEST_AWAY.total_seconds()))
    written = Written(sent.body, sent.reply_to, sent.quote or None, age)
    kept, is_new = save_draft(call.session, call.actor, sent.conversation_id, written)
    packet = draft_packet(sent.conversation_id, kept)
    if is_new:
        live.push(call.session, live.account_room(call.actor.account_id), "draft:changed", packet, skip=call.sid)
    return {"draft": packet}
