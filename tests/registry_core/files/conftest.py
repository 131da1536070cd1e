"""A place for files, a use with a keeper, and people who bring files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.subscriptions import FILE_KEEPERS
from registry_core.access.actors import Actor
from registry_core.files import policies, scanner, services, storage
from registry_core.files.models import StoredFile
from registry_core.files.services.arriving import PIECE_BYTES, Announced
from tests.conftest import Cast

USE = "tests.shelf"


class Shelf:
    """Keeps files for the people of one county: everybody there may open what anybody there has put on it."""

    use = USE

    def __init__(self) -> None:
        self.is_open = True

    def may_bring(self, session: Session, actor: Actor) -> bool:
        del session
        return self.is_open and bool(actor.assignments)

    def may_open(self, session: Session, actor: Actor, file_id: UUID) -> bool:
        file = session.get_one(StoredFile, file_id)
        home = actor.home
        return home is not None and (home.unit_level.value == "county" or file.account_id == actor.account_id)


@contextmanager
def shelved(folder: Path) -> Iterator[Shelf]:
    """A use of files for as long as the block lasts, and an empty folder for them."""
    openers, scanners = list(storage._openers), list(scanner._scanners)
    keeper = Shelf()
    policies.install_file_keepers([keeper])
    storage.install_storage(partial(storage.open_folder, folder))
    scanner.install_scanner(None)
    yield keeper
    policies.install_file_keepers(FILE_KEEPERS)
    storage._openers[:] = openers
    storage._stores.clear()
    scanner._scanners[:] = scanners


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def shelf(folder: Path) -> Iterator[Shelf]:
    """A use of files, and an empty folder for them."""
    with shelved(folder) as keeper:
        yield keeper


def send(session: Session, actor: Actor, name: str, content: bytes, *, use: str = USE) -> UUID:
    """Send a file piece by piece and return its upload."""
    upload = services.begin_upload(session, actor, Announced(use, name, len(content)))
    for place in range(upload.received, len(content), PIECE_BYTES):
        services.take_piece(session, actor, upload.id, place=place, piece=content[place : place + PIECE_BYTES])
    return upload.id


def bring(session: Session, actor: Actor, name: str, content: bytes) -> StoredFile:
    """Bring a file to the end."""
    return services.keep(session, actor, send(session, actor, name, content))


@pytest.fixture
def actor(cast: Cast, shelf: Shelf) -> Actor:
    """Somebody who brings files."""
    del shelf
    return cast.actor("xian_xueji")


@pytest.fixture
def colleague(cast: Cast) -> Actor:
    """Somebody of the same county."""
    return cast.actor("xian_jishu")


@pytest.fixture
def outsider(cast: Cast) -> Actor:
    """Somebody of a school in another province."""
    return cast.actor("linsheng_xueji")
