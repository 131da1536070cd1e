"""Codes of an authenticator app. Source: RFC 6238, with the 30 seconds, six digits and SHA-1 that every app knows."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS = 6
STEP_SECONDS = 30
SECRET_BYTES = 20
SKEW_STEPS = 1
"""How many steps the clock of a telephone may be off, either way."""


def make_secret() -> str:
    """Draw a secret, in the base32 in which people type it where no camera is at hand."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_at(secret: str, at: datetime) -> str:
    """Say the code of an instant."""
    return _code_of_step(secret, _step(at))


def find_step(secret: str, code: str, *, at: datetime, after: int) -> int | None:
    """Find the time step that a code belongs to, among those near an instant and later than the last one accepted."""
    near = range(_step(at) - SKEW_STEPS, _step(at) + SKEW_STEPS + 1)
    fitting = [step for step in near if step > after and hmac.compare_digest(_code_of_step(secret, step), code)]
    return fitting[0] if fitting else None


def provisioning_uri(secret: str, *, account: str, issuer: str) -> str:
    """Write the address that an app reads from the square. Source: Key URI Format of Google Authenticator."""
    label = quote(f"{issuer}:{account}")
    query = urlencode({"secret": secret, "issuer": issuer, "digits": DIGITS, "period": STEP_SECONDS}, quote_via=quote)
    return f"otpauth://totp/{label}?{query}"


def _step(at: datetime) -> int:
    return int(at.timestamp()) // STEP_SECONDS


def _code_of_step(secret: str, step: int) -> str:
    # SHA-1 is no weakness here (RFC 6238, appendix B; RFC 4226), and many apps silently ignore any other wish.
    clock = TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - as above
    return clock.generate(step * STEP_SECONDS).decode()
