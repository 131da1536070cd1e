"""What the trail keeps of old and new values: by the class of the field, the value itself or a keyed digest."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

import msgspec

from registry_core.audit.values import OPEN_CLASSES, Change, Changes, Subject

LONGEST_TEXT = 2_000
DIGEST_SIGNS = 24

# Until the composition root has laid the house's key down, digests compare with nothing.
_key: list[bytes] = [secrets.token_bytes(32)]


def install_digest_key(secret_key: str) -> None:
    """Derive the key of digests from the secret of the house; with another secret, old digests compare no more."""
    _key[:] = [hmac.digest(secret_key.encode(), b"audit digest", "sha256")]


def keep(about: Subject, changes: Changes) -> dict[str, Any]:
    """Turn changes into what is stored: JSON that comes back from the database exactly as it went in."""
    return {
        clean(name): {
            "class": change.field_class.value,
            "old": _kept(about, name, change, change.old),
            "new": _kept(about, name, change, change.new),
        }
        for name, change in changes.items()
    }


def digest(about: Subject, field: str, value: Any) -> str:
    """Prove a value without telling it: the same value of another person or field has another digest."""
    told = msgspec.json.encode([about.kind, str(about.id), field, storable(value)])
    return hmac.new(_key[0], told, hashlib.sha256).hexdigest()[:DIGEST_SIGNS]


def _kept(about: Subject, name: str, change: Change, value: Any) -> Any:
    if value is None or change.field_class in OPEN_CLASSES:
        return storable(value)
    return {"digest": digest(about, name, value)}


def storable(value: Any) -> Any:
    """Make a value of plain texts, whole numbers, truths, lists and mappings.

    Fractions become text: JSON in the database would write some of them differently from how they came.
    """
    match msgspec.to_builtins(value):
        case str() as text:
            return clean(text)[:LONGEST_TEXT]
        case float() as number:
            return repr(number)
        case list() | tuple() as many:
            return [storable(one) for one in many]
        case dict() as named:
            return {clean(str(key)): storable(one) for key, one in named.items()}
        case plain:
            return plain


def clean(text: str) -> str:
    """Take away what PostgreSQL cannot store: an entry must never be what a transaction fails of."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
