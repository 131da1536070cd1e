"""Socket commands for what people do with messages that stand there (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec

from chat import queries
from chat.presenters.acts import earlier_packet, packet_of
from chat.services import acts
from chat.sockets.channel import room
from registry_core import live
from registry_core.sockets import Call, Payload, command

Place = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class Which(Payload, frozen=True):
    """A message by its number."""

    conversation_id: UUID
    number: Place


class Edit(Which, frozen=True):
    """What a message is to say."""

    body: str


@command("message:edit", Edit)
def edit_message(call: Call, sent: Edit) -> Mapping[str, Any]:
    """Let one's own message say something else."""
    message_id, has_changed = acts.edit_message(
        call.session, call.actor, sent.conversation_id, sent.number, body=sent.body
    )
    return tell_change(call, sent, message_id, has_changed=has_changed)


@command("message:take-back", Which)
def take_back(call: Call, sent: Which) -> Mapping[str, Any]:
    """Take one's own message back."""
    message_id, has_changed = acts.take_back(call.session, call.actor, sent.conversation_id, sent.number)
    return tell_change(call, sent, message_id, has_changed=has_changed)


@command("message:earlier", Which)
def show_earlier(call: Call, sent: Which) -> Mapping[str, Any]:
    """Show what a message said before it was edited."""
    return earlier_packet(call.session, call.actor, sent.conversation_id, sent.number)


def tell_change(call: Call, sent: Which, message_id: UUID, *, has_changed: bool) -> Mapping[str, Any]:
    """Acknowledge with the message as it stands now; everybody else hears it after commit."""
    if has_changed:
        packet = packet_of(call.session, None, message_id)
        access = queries.get_access(call.session, call.actor, sent.conversation_id)
        where = room(sent.conversation_id, access.epoch)
        live.push(call.session, where, "message:changed", packet, skip=call.sid)
    return {"message": packet_of(call.session, call.actor, message_id)}
