"""Who may bring and open files: the feature that uses a file answers for it, as its keeper."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core.access.actors import Actor

USE_FILES = "files:file:use"


class FileKeeper(Protocol):
    """Answers for the files of one use ("approvals.evidence"); asked anew at each request."""

    @property
    def use(self) -> str:
        """The use that it answers for."""

    def may_bring(self, session: Session, actor: Actor) -> bool:
        """Say whether the actor may bring files for this use."""

    def may_open(self, session: Session, actor: Actor, file_id: UUID) -> bool:
        """Say whether the actor may open a file that is attached for this use."""


_keepers: dict[str, FileKeeper] = {}


def install_file_keepers(keepers: Iterable[FileKeeper]) -> None:
    """Lay down who answers for which use; the page is `portal/subscriptions.py`."""
    _keepers.clear()
    _keepers.update({keeper.use: keeper for keeper in keepers})


def find_keeper(use: str) -> FileKeeper | None:
    """Find who answers for a use; files of a use that nobody answers for stay shut."""
    return _keepers.get(use)
