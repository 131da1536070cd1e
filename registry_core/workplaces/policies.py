"""The permission about registered computers and addresses, and how a computer and an address are recognised."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network

from registry_core.access.actors import Actor, Origin
from registry_core.orgs.models import OrgUnit, is_within

MANAGE_WORKPLACES = "workplaces:place:manage"
"""Register computers and addresses of one's unit and those below, and say whether business is limited to them."""

LONGEST_LIFTING = timedelta(days=30)
WIDEST = {4: 16, 6: 48}
"""The shortest prefix of a range: what holds more than a city's addresses limits nothing."""

COOKIE = "workplace"
KEPT_FOR = timedelta(days=400)
"""Browsers keep no cookie longer."""
MOST_COMPUTERS = 8
"""For how many units one computer is registered: a centre school's office works for several."""
SEPARATOR = "."
TOKEN_BYTES = 32


def cookie_name(*, is_https: bool) -> str:
    """Name the cookie by which a registered computer is known; over https nobody but this house can have set it."""
    return f"__Host-{COOKIE}" if is_https else COOKIE


def draw_token() -> str:
    """Draw what the cookie of a newly registered computer carries."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def mark_of(token: str) -> str:
    """Hash a token: what the database knows of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def read_tokens(cookie: str) -> tuple[str, ...]:
    """Read the tokens of a cookie."""
    return tuple(token for token in cookie.split(SEPARATOR)[:MOST_COMPUTERS] if token)


def marks_in(cookie: str) -> tuple[str, ...]:
    """Read the marks of the computer from its cookie."""
    return tuple(mark_of(token) for token in read_tokens(cookie))


def read_network(text: str) -> str | None:
    """Read an address or a range as the network that it stands for; None for what is none, or too wide."""
    try:
        network: IPv4Network | IPv6Network = ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    return str(network) if network.prefixlen >= WIDEST[network.version] else None


def is_inside(address: str, networks: Iterable[str]) -> bool:
    """Say whether an address lies in one of the networks."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = found if isinstance(found, IPv4Address) else found.ipv4_mapped or found
    return any(mapped in ip_network(network) for network in networks)


def is_at(origin: Origin | None, marks: Sequence[str], networks: Sequence[str]) -> bool:
    """Say whether somebody sits at one of the computers or addresses."""
    if origin is None:
        return False
    return not set(marks).isdisjoint(origin.computers) or is_inside(origin.address, networks)


def may_lift(actor: Actor, unit: OrgUnit) -> bool:
    """Say whether somebody may lift the limit of a unit: from above, and at the top of the tree there."""
    held = actor.carrying(MANAGE_WORKPLACES)
    return any(
        is_within(unit.path, one.unit_path) and (one.unit_id != unit.id or unit.parent_id is None) for one in held
    )
