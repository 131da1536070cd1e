"""What the documents name exists: files, headings, classes, tables, commands."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from portal.bootstrap import COMMANDS
from portal.commands import db
from portal.tables import METADATA
from registry_core.db import Base
from tests.architecture.sources import PACKAGES, ROOT, product

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
COMMAND = re.compile(r"\./desk ([a-z]+)(?: ([a-z-]+))?")
FOLDERS = (*PACKAGES, "docs", "locks", "migrations", "static", "templates", "tests", "translations", "typings")
OWN_PATH = re.compile(rf"(?:{'|'.join(FOLDERS)})/[\w./-]*")
SECTIONS = ["Context", "Choice", "Weighed"]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def list_documents() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True, check=True
    )
    return sorted(ROOT / name for name in listed.stdout.decode().split("\0") if name)


DOCUMENTS = [path for path in list_documents() if path.exists()]


def name_of(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def prose(document: Path) -> str:
    return FENCED.sub("", document.read_text("utf-8"))


def anchors(document: Path) -> set[str]:
    plain = (re.sub(r"[^\w\s-]", "", title.lower()) for title in HEADING.findall(prose(document)))
    return {title.strip().replace(" ", "-") for title in plain}


def is_broken(document: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    place = document.parent / path if path else document
    if not place.exists():
        return True
    return bool(anchor) and anchor not in anchors(place)


def test_the_documents_that_everybody_starts_from_are_there() -> None:
    wanted = {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md", "docs/glossary.md"}
    assert wanted <= {name_of(document) for document in DOCUMENTS}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_within_the_project_leads_somewhere(document: Path) -> None:
    inner = [link for link in LINK.findall(prose(document)) if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in inner if is_broken(document, link)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_path_that_a_document_names_exists(document: Path) -> None:
    named = {code for code in CODE.findall(prose(document)) if OWN_PATH.fullmatch(code)}
    # Made by the build.
    assert {path for path in named if not (ROOT / path).exists() and not path.startswith("static/dist/")} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_command_that_a_document_names_exists(document: Path) -> None:
    known = {command.name for command in COMMANDS}
    used = COMMAND.findall(document.read_text("utf-8"))
    assert {name for name, _ in used} - known == set()
    assert {second for name, second in used if name == "db" and second} - set(db.command.commands) == set()


# ── decisions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("document", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_context_choice_and_what_was_weighed(document: Path) -> None:
    title, *sections = HEADING.findall(document.read_text("utf-8"))
    assert title.startswith(f"{document.name[:4]} ")
    assert sections == SECTIONS


def test_decisions_are_numbered_without_gap_and_listed() -> None:
    assert [int(document.name[:4]) for document in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    listed = LINK.findall((ROOT / "docs" / "decisions" / "README.md").read_text("utf-8"))
    assert listed == [document.name for document in DECISIONS]


# ── glossary ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def glossary() -> tuple[str, str]:
    """What exists, and what is reserved."""
    whole = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    existing, heading, reserved = whole.partition("## 预留 · Reserved")
    assert heading
    return existing, reserved


def classes() -> set[str]:
    return {node.name for source in product() for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)}


def test_every_class_in_the_glossary_exists() -> None:
    named = {code for code in CODE.findall(glossary()[0]) if re.fullmatch(r"(?:[A-Z][a-z]+)+", code)}
    assert len(named) > 50
    assert named - classes() == set()


def tables() -> dict[str, str]:
    """Class and table of everything that is stored."""
    mapped = {mapper.class_.__name__: str(mapper.local_table) for mapper in Base.registry.mappers}
    assert set(mapped.values()) == set(METADATA.tables)
    return mapped


def test_the_glossary_has_every_table_with_its_class() -> None:
    assert dict(re.findall(r"\| `(\w+)` · `(\w+)` \|", glossary()[0])) == tables()


def test_no_table_takes_a_reserved_name() -> None:
    reserved = {code for code in CODE.findall(glossary()[1]) if code[0].isupper()}
    assert len(reserved) > 50
    assert reserved & set(tables()) == set()
