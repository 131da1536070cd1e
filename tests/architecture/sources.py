"""The sources of the house, parsed once for every test of the architecture."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("portal", "reports", "helpdesk", "training", "announcements", "chat", "registry_core")
CHINESE = re.compile(r"[\u3400-\u9fff]")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The path from the root of the project."""
        return self.path.relative_to(ROOT).as_posix()

    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    def place(self, node: ast.stmt | ast.expr) -> str:
        """File and line, as an editor understands them."""
        return f"{self.name}:{node.lineno}"


@cache
def product() -> tuple[Source, ...]:
    """Every Python file of the packages."""
    return tuple(source for package in PACKAGES for source in read(ROOT / package))


@cache
def around() -> tuple[Source, ...]:
    """Every Python file of the tests, the benchmarks and the migrations."""
    return tuple(source for folder in ("tests", "migrations") for source in read(ROOT / folder))


def read(folder: Path) -> Iterator[Source]:
    """Parse every Python file below a folder."""
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text("utf-8")
        yield Source(path, text, ast.parse(text))
