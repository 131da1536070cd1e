"""Word to open pages of a call: that it rings, that somebody came or went, that it is over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chat.models import CallState, PartState, TalkGroup
from chat.queries.calls import CallRow
from chat.services.telling import conversation_room
from registry_core import clock, live


def tell_ringing(session: Session, call: CallRow) -> None:
    """Let a call ring on every page of those who have not answered yet."""
    for one in call.people:
        if one.state is PartState.RINGING:
            live.push(session, live.account_room(one.account_id), "call:ringing", call_packet(call))


def tell_changed(session: Session, call: CallRow) -> None:
    """Tell every page of everybody in a call how it stands now."""
    for one in call.people:
        live.push(session, live.account_room(one.account_id), "call:changed", call_packet(call))


def tell_onlookers(session: Session, call: CallRow) -> None:
    """Tell whoever has the conversation open that a call is over; who reads along is not in it and hears no more."""
    epoch = session.scalar(select(TalkGroup.epoch).where(TalkGroup.conversation_id == call.conversation_id)) or 0
    live.push(session, conversation_room(call.conversation_id, epoch), "call:changed", call_packet(call))


def call_packet(call: CallRow) -> dict[str, Any]:
    """Make a call as it travels over the socket (docs/protocol.md).

    Seconds instead of instants: the clocks of browsers go as they like.
    """
    since = call.answered_at if call.state is CallState.RUNNING else call.started_at
    return {
        "call_id": str(call.id),
        "conversation_id": str(call.conversation_id),
        "kind": call.kind.value,
        "state": call.state.value,
        "outcome": call.outcome.value if call.outcome else None,
        "started_by": str(call.started_by_id),
        "seconds": max(0, round((clock.now() - (since or call.started_at)).total_seconds())),
        "people": [
            {"account_id": str(one.account_id), "name": one.name, "state": one.state.value, "device": one.device}
            for one in call.people
        ],
    }
