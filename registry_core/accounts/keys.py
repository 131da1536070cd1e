"""Keys made from the house's one secret (`DESK_SECRET_KEY`): one for each purpose, none opens another's drawer."""

from __future__ import annotations

import base64
import hmac
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32

_secret: list[bytes] = []


class SealBroken(Exception):
    """What was sealed cannot be opened: the house's secret is another one than then, or the value was tampered with."""


def install_secret(secret: str) -> None:
    """Lay down the house's secret."""
    _secret[:] = [secret.encode()]
    _key.cache_clear()


def seal(purpose: str, text: str) -> str:
    """Encrypt and authenticate a text for storage."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str:
    """Return the text that was sealed for the same purpose.

    Raises SealBroken.
    """
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SealBroken from None


def keyed_hash(purpose: str, text: str) -> str:
    """Hash a short text so that who reads the table cannot try them all out: that takes the house's secret as well."""
    return hmac.new(_key(purpose), text.encode(), "sha256").hexdigest()


def _box(purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key(purpose)))


@cache
def _key(purpose: str) -> bytes:
    if not _secret:
        message = "no secret was laid down in this process"
        raise RuntimeError(message)
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"xueji-desk {purpose}".encode()).derive(_secret[0])
