"""From where somebody acts, as the audit trail keeps it, and on which registered computer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Flask, current_app, request
from werkzeug.http import parse_cookie

from registry_core import web
from registry_core.access.actors import Actor, Origin
from registry_core.workplaces.policies import cookie_name, marks_in

LONGEST_BROWSER = 300


def of_request(actor: Actor, browser_session_id: UUID) -> Actor:
    """Let an actor know from which request it acts."""
    cookie = request.cookies.get(cookie_name(is_https=_is_https(current_app)), "")
    origin = Origin(web.client_address(), web.browser_name(), browser_session_id, marks_in(cookie))
    return replace(actor, origin=origin)


def of_handshake(app: Flask, environ: Mapping[str, Any], browser_session_id: UUID, *, proxies: int) -> Origin:
    """Read from where a socket was opened: Socket.IO stands before what puts the proxies' word into a request."""
    named = [one.strip() for one in str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",") if one.strip()]
    address = named[-proxies] if 0 < proxies <= len(named) else str(environ.get("REMOTE_ADDR", ""))
    cookie = parse_cookie(dict(environ)).get(cookie_name(is_https=_is_https(app)), "")
    browser = str(environ.get("HTTP_USER_AGENT", ""))[:LONGEST_BROWSER]
    return Origin(address, browser, browser_session_id, marks_in(cookie))


def _is_https(app: Flask) -> bool:
    return bool(app.config["SESSION_COOKIE_SECURE"])
