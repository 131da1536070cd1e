"""How browsers find the way to one another: STUN and TURN servers of the house, with credentials that soon run out.

The scheme is coturn's `use-auth-secret` (draft-uberti-behave-turn-rest-00): the name is the instant of expiry and who
asked, the password its HMAC-SHA1 under the secret that the house and the server share. Nothing has to be stored.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class IceServers:
    """The servers of the house; without any, browsers on one machine or in one network find each other all the same."""

    stun: tuple[str, ...] = ()
    turn: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)
    lifetime: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class IceServer:
    """What a browser is told of servers (`RTCIceServer`)."""

    urls: tuple[str, ...]
    username: str = ""
    credential: str = field(default="", repr=False)


_servers = [IceServers()]


def install_ice(servers: IceServers) -> None:
    """Lay down which servers there are (`DESK_STUN`, `DESK_TURN`)."""
    _servers[:] = [servers]


def ice_servers(account_id: UUID, at: datetime) -> list[IceServer]:
    """List the servers for somebody who is in a call now."""
    house = _servers[0]
    found = [IceServer(house.stun)] if house.stun else []
    if house.turn:
        name = f"{int((at + house.lifetime).timestamp())}:{account_id}"
        found.append(IceServer(house.turn, name, turn_password(house.secret, name)))
    return found


def turn_password(secret: str, name: str) -> str:
    """Make the password that belongs to a name."""
    return b64encode(hmac.digest(secret.encode(), name.encode(), "sha1")).decode()
