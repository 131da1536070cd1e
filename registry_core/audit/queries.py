"""Reads of the trail that the trail itself needs; looking through it as a person: `registry_core.trails`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core.audit.entries import Entry, Head
from registry_core.audit.models import AuditEntry, AuditHead


def has_read(session: Session, read: Entry, *, since: datetime) -> bool:
    """Say whether the same person has looked at the same fields of the same thing since an instant."""
    query = select(AuditEntry.number).where(
        AuditEntry.kind == read.kind,
        AuditEntry.object_id == read.object_id,
        AuditEntry.at >= since,
        AuditEntry.account_id == read.account_id,
        AuditEntry.act == read.act,
        AuditEntry.changes == read.changes,
    )
    return session.connection().execute(query.limit(1)).first() is not None


def list_heads(session: Session) -> dict[int, Head]:
    """Say where each chain ends."""
    rows = session.connection().execute(select(AuditHead.chain, AuditHead.length, AuditHead.hash))
    return {chain: Head(length, digest) for chain, length, digest in rows}
