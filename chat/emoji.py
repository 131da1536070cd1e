"""Which emoji there are for reactions: those that the picker shows (`data/PROVENANCE.md` says where they come from)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "emoji.tsv"


@cache
def load_emoji() -> frozenset[str]:
    """Load the emoji of the shipped file."""
    return frozenset(line.split("\t")[1] for line in DATA.read_text("utf-8").splitlines())


def is_emoji(text: str) -> bool:
    """Say whether a text is exactly one of them."""
    return text in load_emoji()
