"""Chinese in the sources goes through gettext, and every text has its English."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from portal.commands import committed, translations
from tests.architecture.sources import CHINESE, ROOT, Source, product

GETTEXT = {"_", "_l", "gettext", "ngettext", "pgettext", "npgettext", "lazy_gettext", "lazy_ngettext", "lazy_pgettext"}

# Files whose Chinese is no text of a page, and why.
OTHER_CHINESE = {
    "portal/bootstrap.py": "speaks to a terminal in both languages before gettext is installed",
    "portal/preparation.py": "as portal/bootstrap.py",
    "portal/demonstration.py": "names of invented people and schools",
    "helpdesk/hours.py": "signs that people type in times of day",
    "portal/errors.py": "the last words, for when not even a template or gettext works",
    "registry_core/orgs/loader.py": "the ministry's own name, which is data",
    "registry_core/people/columns.py": "as registry_core/records/columns.py",
    "registry_core/people/queries/names.py": "characters that begin a letter in a national standard, which is data",
    "registry_core/records/columns.py": "names of columns, which a file keeps whatever language its reader speaks",
    "registry_core/records/policies.py": "what the names of kindergartens have in common, which is data",
    "registry_core/records/values.py": "signs that people type in dates, numbers and lists",
}
OTHER_CHINESE_FOLDERS = {
    "portal/commands/": "a terminal says little about its reader's language: both stand side by side",
    "portal/servers/": "as portal/commands",
}
SCRIPT_COMMENTS = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))


def is_excepted(source: Source) -> bool:
    return source.name in OTHER_CHINESE or source.name.startswith(tuple(OTHER_CHINESE_FOLDERS))


def docstrings(tree: ast.Module) -> set[int]:
    """Bare strings: docstrings of modules, classes, functions and of attributes."""
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def translated(tree: ast.Module) -> set[int]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in GETTEXT]
    return {id(part) for call in named for part in ast.walk(call)}


def bare_chinese(source: Source) -> list[str]:
    fine = docstrings(source.tree) | translated(source.tree)
    return [
        f"{source.place(node)} {node.value[:30]!r}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if CHINESE.search(node.value) and id(node) not in fine
    ]


def test_no_python_text_goes_past_gettext() -> None:
    assert [place for source in product() if not is_excepted(source) for place in bare_chinese(source)] == []


@pytest.mark.parametrize("name", OTHER_CHINESE)
def test_an_exception_that_is_needed_no_more_goes(name: str) -> None:
    assert any(source.name == name and bare_chinese(source) for source in product())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_take_their_texts_from_the_page(script: Path) -> None:
    assert not CHINESE.search(SCRIPT_COMMENTS.sub("", script.read_text("utf-8")))


def test_gettext_never_gets_a_text_put_together_at_run_time() -> None:
    wrong = [
        source.place(call)
        for source in product()
        for call in ast.walk(source.tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in GETTEXT
        if call.args and not (isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str))
    ]
    assert wrong == []


def test_every_text_has_its_english() -> None:
    assert translations.find_faults() == ""


def test_no_committed_file_names_a_package_registry_or_this_machine() -> None:
    assert committed.find_faults() == ""
