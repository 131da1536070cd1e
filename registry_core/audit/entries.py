"""One entry of a chain, its canonical form, and the hash that ties it to the entry before."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

CHAINS = 8
"""Who writes at the same moment seldom meets at one chain's head (docs/decisions: the audit trail in chains)."""

GENESIS = bytes(32)
"""What the first entry of a chain follows."""


class Entry(NamedTuple):
    """An entry as it stands in the table, column by column."""

    chain: int
    number: int
    at: datetime
    act: str
    account_id: UUID | None
    on_behalf_of: UUID | None
    address: str
    device: str
    browser_session_id: UUID | None
    kind: str
    object_id: str | None
    unit_id: UUID | None
    label: str
    changes: dict[str, Any]
    previous_hash: bytes
    hash: bytes = b""


class Head(NamedTuple):
    """Where a chain ends: its number of entries and the hash of the last one."""

    length: int
    hash: bytes


def canonical(entry: Entry) -> bytes:
    """Write everything but the hash itself as JSON with sorted keys, instants in UTC: the same bytes at any time."""
    columns = entry._asdict()
    del columns["hash"]
    columns["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    columns["previous_hash"] = entry.previous_hash.hex()
    return msgspec.json.encode(columns, order="sorted")


def seal(entry: Entry) -> bytes:
    """Hash an entry (SHA-256), and with it, through `previous_hash`, all before it."""
    return hashlib.sha256(canonical(entry)).digest()


def sealed(entry: Entry) -> Entry:
    """Give an entry its hash."""
    return entry._replace(hash=seal(entry))
