"""Who may bring and open files: the feature that uses a file answers for it, as its keeper."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.files.models import StoredFile

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


@runtime_checkable
class NamesFiles(FileKeeper, Protocol):
    """A keeper that shows names of its files otherwise than they are: numbers of persons covered for who asks."""

    def say_name(self, session: Session, actor: Actor, file: StoredFile) -> str:
        """Say what the file is called for the actor."""


_keepers: dict[str, FileKeeper] = {}


def install_file_keepers(keepers: Iterable[FileKeeper]) -> None:
    """Lay down who answers for which use; the page is `portal/subscriptions.py`."""
    _keepers.clear()
    _keepers.update({keeper.use: keeper for keeper in keepers})


def say_name(session: Session, actor: Actor, file: StoredFile) -> str:
    """Say what a file is called for the actor, who may open it."""
    keeper = find_keeper(file.use)
    return keeper.say_name(session, actor, file) if isinstance(keeper, NamesFiles) else file.name


def find_keeper(use: str) -> FileKeeper | None:
    """Find who answers for a use; files of a use that nobody answers for stay shut."""
    return _keepers.get(use)
