"""Every act that a service notes has words for the people who read the trail."""

from __future__ import annotations

import ast

from portal.acts import ACTS
from registry_core.audit.services import ACT
from tests.architecture.sources import Source, product

NOTING = {"note", "note_export", "_note"}
PLACE_OF_THE_ACT = 2


def acts_noted(source: Source) -> list[str]:
    """The acts that are noted by name: `audit.note(session, actor, "accounts.closed", ...)`."""
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    noting = [call for call in calls if name_of(call.func) in NOTING]
    named = [call.args[PLACE_OF_THE_ACT] for call in noting if len(call.args) > PLACE_OF_THE_ACT]
    texts = [part.value for name in named for part in ast.walk(name) if isinstance(part, ast.Constant)]
    return [text for text in texts if isinstance(text, str) and ACT.fullmatch(text)]


def name_of(function: ast.expr) -> str:
    """The last part of a dotted name."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_every_act_has_words() -> None:
    noted = {act: source.name for source in product() for act in acts_noted(source)}
    assert {act: place for act, place in noted.items() if act not in ACTS} == {}


def test_acts_are_dotted_names() -> None:
    assert [act for act in ACTS if not ACT.fullmatch(act)] == []
