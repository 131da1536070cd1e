"""From where somebody acts, as the audit trail keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from registry_core import web
from registry_core.access.actors import Actor, Origin

LONGEST_BROWSER = 300


def of_request(actor: Actor, browser_session_id: UUID) -> Actor:
    """Let an actor know from which request it acts."""
    return replace(actor, origin=Origin(web.client_address(), web.browser_name(), browser_session_id))


def of_handshake(environ: Mapping[str, Any], browser_session_id: UUID, *, proxies: int) -> Origin:
    """Read from where a socket was opened: Socket.IO stands before what puts the proxies' word into a request."""
    named = [one.strip() for one in str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",") if one.strip()]
    address = named[-proxies] if 0 < proxies <= len(named) else str(environ.get("REMOTE_ADDR", ""))
    return Origin(address, str(environ.get("HTTP_USER_AGENT", ""))[:LONGEST_BROWSER], browser_session_id)
