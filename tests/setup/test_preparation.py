import ast
import re
import sys
from pathlib import Path

import pytest
from click import Group

from portal import bootstrap, preparation
from portal.cli import cli
from portal.preparation import ROOT, digest, front_end_sources

BEFORE_THE_ENVIRONMENT = ("portal/__init__.py", "portal/bootstrap.py", "portal/preparation.py")


@pytest.mark.parametrize("name", ["desk", *BEFORE_THE_ENVIRONMENT])
def test_what_runs_before_the_environment_imports_the_standard_library_only(name: str) -> None:
    tree = ast.parse((ROOT / name).read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {"portal", "portal.bootstrap", "portal.preparation"}
    assert {module.split(".")[0] for module in imported - ours} <= sys.stdlib_module_names


def test_every_listed_command_exists() -> None:
    assert isinstance(cli, Group)
    with cli.make_context("desk", ["doctor"]) as context:
        assert all(cli.get_command(context, command.name) for command in bootstrap.COMMANDS)


def test_what_runs_and_what_is_tested_are_the_same_versions() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([\w.\-]+==[\w.+\-]+)", (ROOT / "locks" / name).read_text(), re.MULTILINE))

    assert pins("runtime.txt")
    assert pins("runtime.txt") <= pins("develop.txt")


def test_a_digest_follows_names_and_contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "ROOT", tmp_path)
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("a")
    seen = {digest([one]), digest([one], "more"), digest([one, other])}
    one.write_text("b")
    seen.add(digest([one]))
    one.rename(other)
    seen.add(digest([other]))
    assert len(seen) == 5


def test_the_build_follows_sources_and_templates_but_not_its_own_output() -> None:
    sources = {path.relative_to(ROOT).parts[0] for path in front_end_sources()}
    assert {"static", "templates", "chat", "package.json", "package-lock.json"} <= sources
    assert not any("dist" in path.relative_to(ROOT).parts[:2] for path in front_end_sources())
