"""Every template compiles and is reached from a page, a letter or another template."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from flask import Flask
from jinja2 import Environment, nodes

from tests.architecture.sources import CHINESE, ROOT, product

TEMPLATES = ROOT / "templates"
NAMES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.*"))
GETTEXT = {"_", "gettext", "ngettext", "pgettext", "npgettext"}


@pytest.fixture(scope="session")
def environment(whole_app: Flask) -> Environment:
    return whole_app.jinja_env


def parse(environment: Environment, name: str) -> nodes.Template:
    return environment.parse((TEMPLATES / name).read_text("utf-8"))


def named_in(environment: Environment, name: str) -> Iterator[str]:
    """The templates that a template uses; a name put together at run time counts for all that begin like it."""
    for node in parse(environment, name).find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        used = node.template  # type: ignore[attr-defined]  # each of the four has it
        if isinstance(used, nodes.Const):
            yield used.value
        elif isinstance(used, nodes.Concat) and isinstance(used.nodes[0], nodes.Const):
            yield from (other for other in NAMES if other.startswith(str(used.nodes[0].value)))


def named_in_python() -> set[str]:
    constants = (node.value for source in product() for node in ast.walk(source.tree) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str) and value in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_template_compiles(environment: Environment, name: str) -> None:
    environment.get_template(name)


def test_every_template_is_reached(environment: Environment) -> None:
    reached: set[str] = set()
    waiting = named_in_python()
    while waiting:
        reached |= waiting
        waiting = {used for name in waiting for used in named_in(environment, name)} - reached
    assert set(NAMES) - reached == set()


def test_a_page_bears_the_name_of_its_endpoint(whole_app: Flask) -> None:
    pages = [name.removesuffix(".html") for name in named_in_python() if name.endswith(".html")]
    pages = [name for name in pages if "/_" not in name and not name.startswith(("portal/", "_"))]
    assert [name for name in pages if name.replace("/", ".") not in whole_app.view_functions] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_text_of_a_template_goes_through_gettext(environment: Environment, name: str) -> None:
    tree = parse(environment, name)
    bare = [data.data.strip() for data in tree.find_all(nodes.TemplateData) if CHINESE.search(data.data)]
    translated = {
        id(part)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in GETTEXT
        for part in call.find_all(nodes.Const)
    }
    bare += [
        part.value
        for part in tree.find_all(nodes.Const)
        if isinstance(part.value, str) and CHINESE.search(part.value) and id(part) not in translated
    ]
    assert bare == []
