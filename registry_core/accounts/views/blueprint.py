"""The blueprint that all pages of accounts hang on, and what they know of the browser at the door."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from registry_core import web
from registry_core.accounts import policies
from registry_core.accounts.services.callers import Caller

DEVICE_COOKIE = "device"
MOST_ACCOUNTS = 8
"""How many accounts one browser is known for: a school's office shares a computer."""
SEPARATOR = "."

blueprint = Blueprint("accounts", __name__)


def caller() -> Caller:
    """Say who stands at the door."""
    return Caller(web.client_address(), web.browser_name(), _device_tokens())


def remember_device(answer: Response, token: str | None) -> Response:
    """Add the token of an account to the cookie by which this browser is known again.

    Each account has a token of its own, drawn when it got in: a cookie planted by somebody else makes nothing known.
    """
    if token is not None:
        kept = (token, *_device_tokens())[:MOST_ACCOUNTS]
        answer.set_cookie(
            _cookie_name(),
            SEPARATOR.join(kept),
            max_age=policies.DEVICE_KNOWN,
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
    return answer


def _device_tokens() -> tuple[str, ...]:
    tokens = request.cookies.get(_cookie_name(), "").split(SEPARATOR)[:MOST_ACCOUNTS]
    return tuple(token for token in tokens if token)


def _cookie_name() -> str:
    return f"__Host-{DEVICE_COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else DEVICE_COOKIE
