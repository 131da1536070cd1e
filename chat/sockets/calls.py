"""Socket commands of calls (docs/protocol.md): one page for each person, signals from page to page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec

from chat.ice import ice_servers
from chat.models import CallKind
from chat.models.calls import LONGEST_DEVICE, MOST_IN_CALL
from chat.presence import Presence
from chat.queries.calls import CallRow, get_wire, list_calls_of, list_choices
from chat.services.calls import (
    CallPage,
    accept_call,
    decline_call,
    leave_call,
    note_lost_line,
    require_right,
    start_call,
)
from chat.services.ringing import call_packet
from registry_core import clock, live
from registry_core.errors import InvalidInput, TooManyRequests
from registry_core.sockets import ALIVE_ROOM, Call, Departure, Nothing, Payload, command, on_disconnect
from registry_core.store import Redis, RedisError

LONGEST_SIGNAL = 64 * 1024
"""Bytes. A session description with pictures and sound in both directions has 3 to 10 thousand."""
MOST_SIGNALS = 300
"""Signals of one person in ten seconds: three others, each with a description and some thirty ways to reach them."""
MOST_STARTS = 10
"""Calls that one person starts in a minute."""

Device = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_DEVICE)]


class Start(Payload, frozen=True):
    """Call the others of a conversation."""

    conversation_id: UUID
    kind: CallKind
    device: Device
    people: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=MOST_IN_CALL - 1)] = ()


class Where(Payload, frozen=True):
    """A conversation."""

    conversation_id: UUID


class Accept(Payload, frozen=True):
    """Come into a call with this page, or come back into it."""

    call_id: UUID
    device: Device


class Decline(Payload, frozen=True):
    """Let it ring no more."""

    call_id: UUID


class Signal(Payload, frozen=True):
    """What one page tells another so that they find each other; the house does not look into it."""

    call_id: UUID
    to: UUID
    data: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_SIGNAL)]


@command("call:start", Start)
def start(call: Call, sent: Start) -> Mapping[str, Any]:
    """Call everybody else who may write in a conversation, or those of them who were chosen."""
    _hold_back(call.store, f"call:start:{call.actor.account_id}", MOST_STARTS, timedelta(minutes=1))
    page = _be_there(call, sent.device)
    row = start_call(
        call.session, call.actor, sent.conversation_id, kind=sent.kind, page=page, people=frozenset(sent.people)
    )
    return _inside(call, row)


@command("call:people", Where)
def show_people(call: Call, sent: Where) -> Mapping[str, Any]:
    """Say of whom one may choose up to three to call, where they are more."""
    require_right(call.session, call.actor, sent.conversation_id)
    found = list_choices(call.session, call.actor, sent.conversation_id)
    return {
        "people": [{"account_id": str(one.account_id), "name": one.name, "is_busy": one.is_busy} for one in found],
        "most": MOST_IN_CALL - 1,
    }


@command("call:accept", Accept)
def accept(call: Call, sent: Accept) -> Mapping[str, Any]:
    """Answer, or come into a call again."""
    return _inside(call, accept_call(call.session, call.actor, sent.call_id, page=_be_there(call, sent.device)))


@command("call:decline", Decline)
def decline(call: Call, sent: Decline) -> Mapping[str, Any]:
    """Let a call not ring any more."""
    return {"call": call_packet(decline_call(call.session, call.actor, sent.call_id))}


@command("call:leave", Accept)
def leave(call: Call, sent: Accept) -> Mapping[str, Any]:
    """Hang up."""
    return {"call": call_packet(leave_call(call.session, call.actor, sent.call_id, device=sent.device))}


@command("call:signal", Signal)
def signal(call: Call, sent: Signal) -> Mapping[str, Any]:
    """Hand a signal to the page with which somebody else is in the call; nothing is kept."""
    if len(sent.data.encode(errors="surrogatepass")) > LONGEST_SIGNAL:
        raise InvalidInput
    _hold_back(call.store, f"call:signal:{call.actor.account_id}", MOST_SIGNALS, timedelta(seconds=10))
    wire = get_wire(call.session, call.actor, sent.call_id, socket=call.sid, to=sent.to)
    require_right(call.session, call.actor, wire.conversation_id)
    payload = {
        "call_id": str(sent.call_id),
        "from": str(call.actor.account_id),
        "device": wire.from_device,
        "data": sent.data,
    }
    # To nobody while their line is lost: a page that comes back begins anew with everybody.
    if wire.to_socket:
        live.push(call.session, wire.to_socket, "call:signal", payload)
    return {}


@command("call:mine", Nothing)
def look(call: Call, _sent: Nothing) -> Mapping[str, Any]:
    """Say which calls ring for the actor, and in which one they are."""
    return {"calls": [call_packet(one) for one in list_calls_of(call.session, call.actor)]}


_in_calls: set[str] = set()
"""Lines of this process with which somebody has come into a call: when thousands go at once, the others ask nothing."""


@on_disconnect
def note_departure(departure: Departure) -> None:
    """Begin to wait for a page whose line has gone in the middle of a call."""
    if departure.sid in _in_calls:
        _in_calls.discard(departure.sid)
        note_lost_line(departure.session, departure.sid)


def _be_there(call: Call, device: str) -> CallPage:
    _in_calls.add(call.sid)
    call.join(ALIVE_ROOM)
    Presence(call.store).beat(call.actor.account_id, clock.now())
    return CallPage(device, call.sid)


def _inside(call: Call, row: CallRow) -> Mapping[str, Any]:
    servers = [
        {"urls": list(one.urls), "username": one.username, "credential": one.credential}
        if one.username
        else {"urls": list(one.urls)}
        for one in ice_servers(call.actor.account_id, clock.now())
    ]
    return {"call": call_packet(row), "ice_servers": servers}


def _hold_back(store: Redis, key: str, most: int, window: timedelta) -> None:
    """Refuse what comes faster than any page sends it; without Redis nobody counts.

    Raises TooManyRequests.
    """
    try:
        with store.pipeline(transaction=True) as together:
            together.incr(key)
            together.expire(key, window, nx=True)
            count, _set = together.execute()
    except RedisError:
        return
    if count > most:
        raise TooManyRequests
