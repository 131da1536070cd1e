"""What happened to files."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from registry_core.events import Event


@dataclass(frozen=True, slots=True)
class FileKept(Event):
    """A content came in that nobody had brought before; it waits to be scanned and drawn small."""

    content_id: UUID


@dataclass(frozen=True, slots=True)
class VirusFound(Event):
    """The scanner found a virus in a content; its bytes are gone, and nobody can open a file with it any more."""

    content_id: UUID
