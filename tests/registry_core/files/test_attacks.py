"""Whatever a thief brings is refused, or lies still: under a name that harms nobody, at a place of our own choosing."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.db import commit, rollback
from registry_core.errors import DomainError
from registry_core.files import limits
from registry_core.files.limits import Limits
from registry_core.files.names import clean_name, extension_of
from tests.registry_core.files.attacks import attacks, names
from tests.registry_core.files.conftest import bring
from tests.registry_core.files.samples import HONEST

every = cache(attacks)

# What comes in all the same, and why it may: it is what its name says, and is handed out so that nothing runs.
HARMLESS = {
    "page as text in UTF-7",
    "text about scripts",
    "mail archive as text",
    "png with a page behind its end",
    "jpeg with an archive behind its end",
    "jpeg with a program behind its end",
    "png with a page in its note",
    "pdf with a page behind its end",
}
GOOD_CONTENT = set(names())
STILL_REFUSED = {
    "name with NUL before the ending",
    "name turned around",
    "two endings",
    "ending behind blanks",
    "stream of a file",
}


COMING_IN = (HARMLESS | GOOD_CONTENT) - STILL_REFUSED


@pytest.fixture(autouse=True)
def _all_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every kind that the house can check, and large ones."""
    kinds = (*limits.ASSUMED.types, "gif", "pptx")
    monkeypatch.setattr(limits, "ASSUMED", Limits(limits.ASSUMED.max_bytes, kinds))


def test_there_are_enough_attacks() -> None:
    assert len(every()) >= 60


@pytest.mark.parametrize("what", [what for what in every() if what not in COMING_IN])
def test_it_stays_outside_and_is_told_why(session: Session, actor: Actor, folder: Path, what: str) -> None:
    name, content = every()[what]
    with pytest.raises(DomainError) as refused:
        bring(session, actor, name, content)
    rollback(session)
    assert refused.value.status in {413, 422}
    assert len(refused.value.text) > 8
    assert not (folder / "contents").exists() or not list((folder / "contents").iterdir())


@pytest.mark.parametrize("what", sorted(COMING_IN))
def test_it_comes_in_under_a_harmless_name_and_stays_in_its_place(
    session: Session, actor: Actor, folder: Path, what: str
) -> None:
    name, content = every()[what]
    file = bring(session, actor, name, content)
    commit(session)
    assert file.name == clean_name(file.name)
    assert not set(file.name) & set('/\\\0\r\n"<>:|?*%\u202e\u200b')
    assert extension_of(file.name) == file.content.kind
    places = [path for path in folder.parent.rglob("*") if path.is_file()]
    assert [UUID(path.name) for path in places] == [file.content_id]
    assert {path.parent for path in places} == {folder / "contents"}
    assert not any(path.stat().st_mode & 0o111 for path in places)


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_name_stays_as_it_is(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\fakepath\\照片.jpg", "照片.jpg"),
        ("a.exe\0.pdf", "a.exe.pdf"),
        ("公文\u202efdp.exe", "公文fdp.exe"),
        ("  a   b .pdf  ", "a b .pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("com1 .pdf", "_com1 .pdf"),
        ("CONTRACT.pdf", "CONTRACT.pdf"),
        (".pdf", "file.pdf"),
        ("...", "file"),
        ("", "file"),
        ("a\r\nb.pdf", "ab.pdf"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_a_name_is_cleaned(raw: str, clean: str) -> None:
    assert clean_name(raw) == clean
