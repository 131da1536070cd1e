"""Heartbeats, and the rooms of desks for those who answer there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chat.presence import Presence
from helpdesk.policies import HANDLE
from helpdesk.queries.technicians import list_desks_of
from helpdesk.services.duty import come_back
from helpdesk.services.steps import desk_room
from registry_core import clock
from registry_core.sockets import ALIVE_ROOM, Call, Nothing, command, on_connect


@on_connect
def join_desk_rooms(call: Call) -> None:
    """Let a technician's page hear what happens at their desks, and count as here from now on."""
    units = call.actor.units(HANDLE)
    if not units:
        return
    for desk in list_desks_of(call.session, units):
        call.join(desk_room(desk.id))
    call.join(ALIVE_ROOM)
    _beat(call)


def note_beats(orders: Sequence[tuple[Call, Nothing]]) -> list[Mapping[str, Any] | None]:
    """Note that all these are still here; who comes back from having been gone needs more than that."""
    people = [call.actor.account_id for call, _sent in orders]
    here = Presence(orders[0][0].store).prolong(set(people), clock.now())
    return [{} if account_id in here else None for account_id in people]


@command("presence:beat", Nothing, together=note_beats)
def beat(call: Call, _sent: Nothing) -> Mapping[str, Any]:
    """Answer the house's ping: still here."""
    _beat(call)
    return {}


def _beat(call: Call) -> None:
    presence = Presence(call.store)
    had_been_gone = presence.beat(call.actor.account_id, clock.now())
    if had_been_gone and call.actor.may(HANDLE):
        come_back(call.session, presence, call.actor.account_id)
