"""Socket commands for what people set beside messages (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from chat.models.reactions import LONGEST_EMOJI
from chat.presenters.acts import packet_of
from chat.services.reactions import pin, react
from chat.services.stars import star
from chat.sockets.acts import Which, tell_change
from registry_core import live
from registry_core.sockets import Call, command


class React(Which, frozen=True):
    """An emoji, to be set or taken away."""

    emoji: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_EMOJI)]
    on: bool


class Switch(Which, frozen=True):
    """Whether a message is to be so."""

    on: bool


@command("message:react", React)
def react_to_message(call: Call, sent: React) -> Mapping[str, Any]:
    """Set an emoji under a message, or take one's own away."""
    message_id, has_changed = react(
        call.session, call.actor, sent.conversation_id, sent.number, emoji=sent.emoji, on=sent.on
    )
    answer = tell_change(call, sent, message_id, has_changed=has_changed)
    if has_changed:
        _tell_own(call, sent, answer["message"]["own"])
    return answer


@command("message:pin", Switch)
def pin_message(call: Call, sent: Switch) -> Mapping[str, Any]:
    """Put a message on top of its conversation, or take it from there."""
    message_id, has_changed = pin(call.session, call.actor, sent.conversation_id, sent.number, on=sent.on)
    return tell_change(call, sent, message_id, has_changed=has_changed)


@command("message:star", Switch)
def star_message(call: Call, sent: Switch) -> Mapping[str, Any]:
    """Mark a message for oneself, or no longer."""
    message_id = star(call.session, call.actor, sent.conversation_id, sent.number, on=sent.on)
    packet = packet_of(call.session, call.actor, message_id)
    _tell_own(call, sent, packet["own"])
    return {"message": packet}


def _tell_own(call: Call, sent: Which, own: Mapping[str, Any]) -> None:
    """Let the person's other tabs and devices show what is theirs alone to know."""
    payload = {"conversation_id": str(sent.conversation_id), "number": sent.number, "own": own}
    live.push(call.session, live.account_room(call.actor.account_id), "message:own", payload, skip=call.sid)
