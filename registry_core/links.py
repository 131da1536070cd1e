"""Addresses that work outside a page: a mail needs the whole address, and the worker has no request to take it from."""

from __future__ import annotations

_public_url: list[str] = []


def install_public_url(url: str) -> None:
    """Lay down under which address people reach the house (`DESK_PUBLIC_URL`)."""
    _public_url[:] = [url.rstrip("/")]


def whole_address(path: str) -> str:
    """Put the house's address before a path; a process that has not laid one down leaves the path alone."""
    return f"{_public_url[0]}{path}" if _public_url else path
