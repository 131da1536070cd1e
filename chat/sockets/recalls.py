"""Socket commands for messages posted in the wrong place (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from chat.models.recalls import LONGEST_REASON
from chat.presenters.acts import packet_of
from chat.presenters.recalls import reached_packet, tell_recalled
from chat.services.recalls import Recalling, recall_message, report_message
from chat.sockets.acts import Which
from registry_core.sockets import Call, command

Reason = Annotated[str, msgspec.Meta(max_length=LONGEST_REASON)]


class RecallOrder(Which, frozen=True):
    """A message to be recalled: why, and whether there is a person's data in it."""

    reason: Reason
    has_personal: bool


class Report(Which, frozen=True):
    """A message that stands in the wrong place, and why one thinks so."""

    reason: Reason


@command("message:recall", RecallOrder)
def recall(call: Call, sent: RecallOrder) -> Mapping[str, Any]:
    """Recall a message posted in the wrong place, and say whom it had reached."""
    recalling = Recalling(sent.reason, sent.has_personal)
    made = recall_message(call.session, call.actor, sent.conversation_id, sent.number, recalling)
    tell_recalled(call.session, made.message_id, sent.conversation_id, skip=call.sid)
    return {
        "message": packet_of(call.session, call.actor, made.message_id),
        "reached": reached_packet(call.session, made.message_id),
        "has_incident": made.incident_id is not None,
        "url": f"/messages/recalls/{made.message_id}",
    }


@command("message:report", Report)
def report(call: Call, sent: Report) -> Mapping[str, Any]:
    """Put a message before the administrators of its sender's unit."""
    is_new = report_message(call.session, call.actor, sent.conversation_id, sent.number, reason=sent.reason)
    return {"is_new": is_new}
