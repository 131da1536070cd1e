"""The heads of the chains, published outside the database: a file for each day, one line of JSON, never written twice.

Whoever rewrites a whole chain, its head included, has to rewrite these files too: keep the folder where the database's
administrators cannot write (another machine, a medium that is written once).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import msgspec
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.audit import queries
from registry_core.audit.entries import Head
from registry_core.errors import DomainError

_folder: list[Path] = []


class HeadsUnreadable(DomainError):
    """A published file is not as it was written."""

    code = "heads_unreadable"
    message = _l("审计链首文件读不出来，可能被改动或损坏，请从备份中取回后再核对。")


class PublishedHead(msgspec.Struct, frozen=True):
    """Where one chain ended; the hash in hexadecimal."""

    length: int
    hash: str


class PublishedDay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line: where every chain ended at an instant of a day in China."""

    day: date
    at: datetime
    chains: dict[int, PublishedHead]


def install_folder(folder: Path) -> None:
    """Lay down where heads are published; the setting is DESK_AUDIT_HEADS."""
    _folder[:] = [folder]


def folder() -> Path:
    """Return where heads are published."""
    return _folder[0]


def publish(session: Session, place: Path) -> Path | None:
    """Write the heads of today into the folder and return the file, or None when today's is there already."""
    now = clock.now()
    day = clock.local(now).date()
    file = place / f"{day.isoformat()}.json"
    if file.exists():
        return None
    found = sorted(queries.list_heads(session).items())
    heads = {chain: PublishedHead(head.length, head.hash.hex()) for chain, head in found}
    return file if _write_once(file, msgspec.json.encode(PublishedDay(day, now, heads)) + b"\n") else None


def read(place: Path) -> Mapping[int, list[Head]]:
    """Read everything that has been published, by chain.

    Raises HeadsUnreadable, which names the file.
    """
    found: dict[int, list[Head]] = {}
    for file in sorted(place.glob("*.json")):
        for chain, head in _read_day(file).items():
            found.setdefault(chain, []).append(head)
    return found


def _read_day(file: Path) -> dict[int, Head]:
    try:
        told = msgspec.json.decode(file.read_bytes(), type=PublishedDay)
        return {chain: Head(head.length, bytes.fromhex(head.hash)) for chain, head in told.chains.items()}
    except (msgspec.MsgspecError, ValueError) as error:
        words = _l("%(file)s 读不出来，可能被改动或损坏，请从备份中取回后再核对。", file=str(file))
        raise HeadsUnreadable(words) from error


def _write_once(file: Path, line: bytes) -> bool:
    """Let a file appear whole or not at all, and never in place of another."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    with unfinished.open("wb") as opened:
        opened.write(line)
        opened.flush()
        os.fsync(opened.fileno())
    try:
        # A link is refused where the name is taken; a rename would replace what another process has just published.
        os.link(unfinished, file)
    except FileExistsError:
        return False
    finally:
        unfinished.unlink()
    return True
