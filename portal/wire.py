"""JSON on the sockets: msgspec in the shape of the standard module that Socket.IO asks for."""

from __future__ import annotations

import json
from typing import Any

import msgspec


def dumps(value: Any, **_options: Any) -> str:
    """Write JSON, compact; ids and instants are written as text."""
    return msgspec.json.encode(value).decode()


def loads(text: str | bytes, **_options: Any) -> Any:
    """Read JSON. Half a surrogate pair (an emoji cut in two) becomes a question mark; PostgreSQL could not store it.

    Raises ValueError.
    """
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        whole = json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8", "replace")
        return msgspec.json.decode(whole)
