"""Headers that tell the browser what this house never does."""

from __future__ import annotations

from flask import Flask, Response

# ws: and wss: stand beside 'self' because Safari before 15.4 does not count the own socket as 'self'.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; "
    "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    # Calls need eyes, ears and the screen; nothing else does, and nobody who frames a page gets them.
    "Permissions-Policy": (
        "camera=(self), display-capture=(self), geolocation=(), microphone=(self), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def install_headers(app: Flask, *, is_https: bool) -> None:
    """Put the headers on every answer; pages of signed-in people are kept in no cache."""
    more = {"Strict-Transport-Security": "max-age=31536000"} if is_https else {}

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in (HEADERS | more).items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
