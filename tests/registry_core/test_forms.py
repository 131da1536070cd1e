"""Text that people type is clean before anything stores it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from registry_core.forms import clean_text


@settings(deadline=None)  # a busy machine is no fault
@given(st.text())
def test_clean_text_can_be_stored_and_is_clean_already(text: str) -> None:
    clean = clean_text(text)
    assert "\0" not in clean
    clean.encode()
    assert clean_text(clean) == clean


def test_clean_text_keeps_lines_and_takes_the_rest_away() -> None:
    assert clean_text("  第一行\r\n第二行\t完\0\x08 ") == "第一行\n第二行\t完"
