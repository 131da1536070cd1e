"""Permission names, and which chain an entry joins."""

from __future__ import annotations

import zlib
from uuid import UUID

from registry_core.audit.entries import CHAINS

AUDIT = "audit:entry:search"
"""Look through the trail of the units in one's scope."""
SEE_LOOKS = "audit:look:see"
"""See what people of the levels above have looked at of one's unit and those below."""


def chain_of(account_id: UUID | None, otherwise: str) -> int:
    """Choose the chain: all acts of one account stand in one, those of nobody are spread by what they are about."""
    by = account_id.bytes if account_id is not None else otherwise.encode()
    return zlib.crc32(by) % CHAINS
