"""Heartbeats of people on duty, and the rooms of their desks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chat.presence import Presence
from helpdesk.policies import HANDLE
from helpdesk.queries.technicians import list_desks_of
from helpdesk.services.duty import come_back
from helpdesk.services.steps import desk_room
from registry_core import clock
from registry_core.sockets import DUTY_ROOM, Call, Nothing, command, on_connect


@on_connect
def join_desk_rooms(call: Call) -> None:
    """Let a technician's page hear what happens at their desks, and count as here from now on."""
    units = call.actor.units(HANDLE)
    if not units:
        return
    for desk in list_desks_of(call.session, units):
        call.join(desk_room(desk.id))
    call.join(DUTY_ROOM)
    _beat(call)


@command("presence:beat", Nothing)
def beat(call: Call, _sent: Nothing) -> Mapping[str, Any]:
    """Answer the house's ping: still here."""
    if call.actor.may(HANDLE):
        _beat(call)
    return {}


def _beat(call: Call) -> None:
    presence = Presence(call.store)
    if presence.beat(call.actor.account_id, clock.now()):
        come_back(call.session, presence, call.actor.account_id)
