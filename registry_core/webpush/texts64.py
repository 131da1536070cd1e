"""Bytes as the Web Push papers write them: base64 for addresses, without its padding."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode


def to_text(content: bytes) -> str:
    """Write bytes as unpadded base64url (RFC 7515, section 2)."""
    return urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def to_bytes(text: str) -> bytes:
    """Read unpadded base64url; padding is borne.

    Raises ValueError.
    """
    bare = text.rstrip("=")
    return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
