"""Each page that writes goes through a WTForms form."""

from __future__ import annotations

import ast
import inspect

from flask import Flask

WRITING = {"POST", "PUT", "PATCH", "DELETE"}
VALIDATING = {"require_valid", "FormPage"}


def writing_views(app: Flask) -> dict[str, ast.Module]:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules() if WRITING & (rule.methods or set())}
    return {name: ast.parse(inspect.getsource(app.view_functions[name])) for name in sorted(endpoints)}


def names_called(tree: ast.Module) -> set[str]:
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {func.attr for func in called if isinstance(func, ast.Attribute)} | {
        func.id for func in called if isinstance(func, ast.Name)
    }


def test_every_page_that_writes_validates_a_form(whole_app: Flask) -> None:
    views = writing_views(whole_app)
    assert len(views) > 10
    assert [name for name, tree in views.items() if not VALIDATING & names_called(tree)] == []


def test_no_page_that_writes_reads_the_request_past_its_form(whole_app: Flask) -> None:
    past = [
        name
        for name, tree in writing_views(whole_app).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"form", "values", "json", "get_json", "data", "files"}
        if isinstance(node.value, ast.Name) and node.value.id == "request"
    ]
    assert past == []
