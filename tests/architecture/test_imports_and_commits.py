"""Imports stand at the top, and transactions end at the entry points."""

from __future__ import annotations

import ast

from tests.architecture.sources import Source, product

# Requests, refusals that keep their count, and what every other entry point uses: `registry_core.db.transaction`.
ENTRY_POINTS = {"portal/app.py", "portal/errors.py", "registry_core/db.py"}
ENDS = {"commit", "rollback"}


def ends_of_transactions(source: Source) -> list[str]:
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    names = [(call, call.func.attr) for call in calls if isinstance(call.func, ast.Attribute)]
    names += [(call, call.func.id) for call in calls if isinstance(call.func, ast.Name)]
    return [source.place(call) for call, name in names if name in ENDS]


def test_no_import_hides_in_a_function() -> None:
    hidden = [
        source.place(node)
        for source in product()
        for function in source.functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_only_entry_points_end_a_transaction() -> None:
    found = {source.name: ends_of_transactions(source) for source in product()}
    elsewhere = {name: places for name, places in found.items() if places and name not in ENTRY_POINTS}
    assert elsewhere == {}


def test_each_entry_point_on_the_list_is_one() -> None:
    found = {source.name for source in product() if ends_of_transactions(source)}
    assert found == ENTRY_POINTS
