"""Numbers by which somebody can be known: what counts, what stays readable, and that the browser agrees."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.preparation import ROOT, find_node, find_wheel_node
from registry_core.personal_numbers import COVER, cover_numbers, find_numbers

CASES = json.loads((ROOT / "tests" / "data" / "personal_numbers.json").read_text(encoding="utf-8"))["cases"]
SCRIPT = """
import { readFileSync } from "node:fs";
import { findNumbers } from "./static/js/shell/personal-numbers.js";
const { cases } = JSON.parse(readFileSync("tests/data/personal_numbers.json", "utf-8"));
console.log(JSON.stringify(cases.map(({ text }) => findNumbers(text))));
"""


@pytest.mark.parametrize("case", CASES, ids=[case["text"] for case in CASES])
def test_each_number_is_found_where_it_stands_and_covered(case: dict[str, Any]) -> None:
    found = find_numbers(case["text"])
    assert [{"kind": one.kind.value, "start": one.start, "end": one.end} for one in found] == case["found"]
    assert cover_numbers(case["text"]) == case["covered"]


def test_the_browser_finds_the_same() -> None:
    node = find_node() or find_wheel_node()
    assert node is not None, "Node or its packages are missing: `./desk test` installs both"
    command = [str(node.binary), "--input-type=module", "-e", SCRIPT]
    done = subprocess.run(command, cwd=Path(ROOT), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [case["found"] for case in CASES]


@given(st.text(alphabet="0123456789Xx -－　０９张三丰电话,。", max_size=60))
def test_covering_keeps_the_length_and_everything_else(text: str) -> None:
    covered = cover_numbers(text)
    assert len(covered) == len(text)
    inside = {place for one in find_numbers(text) for place in range(one.start, one.end)}
    assert all(covered[place] == sign for place, sign in enumerate(text) if place not in inside)
    assert all(covered[place] in {sign, COVER} for place, sign in enumerate(text))
    assert find_numbers(covered) == ()
