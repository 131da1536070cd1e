"""Checking the trail: every chain entry by entry, against its head in the database and the heads published outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from registry_core.audit import queries
from registry_core.audit.entries import GENESIS, Entry, Head, seal
from registry_core.audit.models import AuditEntry

ROWS_AT_ONCE = 2_000
COLUMNS = tuple(AuditEntry.__table__.columns[name] for name in Entry._fields)


class Reason(StrEnum):
    """Why a chain is broken at an entry."""

    MISSING = "missing"
    CHANGED = "changed"
    UNLINKED = "unlinked"
    HEAD_DIFFERS = "head_differs"
    PUBLISHED_DIFFERS = "published_differs"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first broken entry of a chain; `at` says when it was written, if it is still there."""

    number: int
    reason: Reason
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What became of one chain: how many entries were read, and the first that is broken."""

    chain: int
    entries: int
    fault: Fault | None = None


def take_snapshot(session: Session) -> None:
    """Let the transaction, which this begins, see one moment only: what is appended meanwhile is for the next check."""
    session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


def verify(session: Session, published: Mapping[int, Sequence[Head]]) -> list[ChainReport]:
    """Check every chain, never holding more than a page of it in memory."""
    return verify_all(stream_entries(session), queries.list_heads(session), published)


def stream_entries(session: Session) -> Iterator[Entry]:
    """Read every entry, chain by chain, in the order of their numbers."""
    query = select(*COLUMNS).order_by(AuditEntry.chain, AuditEntry.number)
    rows = session.connection().execute(query.execution_options(yield_per=ROWS_AT_ONCE))
    return (Entry._make(row) for row in rows)


def verify_all(
    entries: Iterable[Entry], heads: Mapping[int, Head], published: Mapping[int, Sequence[Head]]
) -> list[ChainReport]:
    """Check chains that come one after the other; one of which nothing is left but its head is checked too."""
    reports = {
        chain: verify_chain(chain, group, heads.get(chain), published.get(chain, ()))
        for chain, group in groupby(entries, key=attrgetter("chain"))
    }
    for chain in {*heads, *published} - set(reports):
        reports[chain] = verify_chain(chain, (), heads.get(chain), published.get(chain, ()))
    return [reports[chain] for chain in sorted(reports)]


def verify_chain(chain: int, entries: Iterable[Entry], head: Head | None, published: Sequence[Head]) -> ChainReport:
    """Check one chain from its first entry to its head."""
    told = {mark.length: mark.hash for mark in published}
    last = Head(0, GENESIS)
    for entry in entries:
        fault = _fault_of(entry, last, told)
        if fault is not None:
            return ChainReport(chain, last.length, fault)
        last = Head(entry.number, entry.hash)
    return ChainReport(chain, last.length, _fault_at_end(last, head, max(told, default=0)))


def _fault_of(entry: Entry, last: Head, told: Mapping[int, bytes]) -> Fault | None:
    if entry.number != last.length + 1:
        return Fault(last.length + 1, Reason.MISSING)
    if seal(entry) != entry.hash:
        return Fault(entry.number, Reason.CHANGED, entry.at)
    if entry.previous_hash != last.hash:
        return Fault(entry.number, Reason.UNLINKED, entry.at)
    if told.get(entry.number, entry.hash) != entry.hash:
        return Fault(entry.number, Reason.PUBLISHED_DIFFERS, entry.at)
    return None


def _fault_at_end(last: Head, head: Head | None, published_length: int) -> Fault | None:
    kept = head or Head(0, GENESIS)
    if max(kept.length, published_length) > last.length:
        return Fault(last.length + 1, Reason.MISSING)
    if kept.length < last.length:
        return Fault(kept.length + 1, Reason.HEAD_DIFFERS)
    return None if kept == last else Fault(last.length, Reason.HEAD_DIFFERS)
