"""What somebody searches for, as the index has it and as it is found in a text.

Letters count without case, full width as half width; white space parts words, and each has to be there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from sqlalchemy import ColumnElement, and_, func
from sqlalchemy.orm import InstrumentedAttribute

from registry_core.texts import clean_text

LONGEST_WORDS = 60
MOST_WORDS = 8
_SHIFT = 21
_FULL_WIDTH = range(0xFF01, 0xFF5F)
_TO_HALF = 0xFEE0
_PLANE = 0x10000


@dataclass(frozen=True, slots=True)
class Words:
    """The words that have to be in a message, in any order."""

    words: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether there is anything to search for."""
        return bool(self.words)

    def terms(self) -> list[int]:
        """Name what the index has of them: pairs of characters, or the one character of a word."""
        return sorted({term for word in self.words for term in _terms(word)})

    def in_text(self, text: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        """Limit a query to texts that have each word exactly."""
        return and_(*(_is_in(word, text) for word in self.words))

    def are_in(self, text: str) -> bool:
        """Say whether each word stands in a text."""
        folded = fold(text)
        return all(word in folded for word in self.words)

    def places(self, text: str) -> list[tuple[int, int]]:
        """Say where the words stand in a text, in its order; what overlaps is one place."""
        folded = fold(text)
        found = sorted(
            (hit.start(), hit.start() + len(word))
            for word in self.words
            for hit in re.finditer(f"(?={re.escape(word)})", folded)
        )
        merged: list[tuple[int, int]] = []
        for start, end in found:
            if merged and start <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(end, merged[-1][1])
            else:
                merged.append((start, end))
        return merged


def read_words(typed: str) -> Words:
    """Read what somebody typed; beyond what a search takes it is cut."""
    parts = fold(clean_text(typed)[:LONGEST_WORDS]).split()
    return Words(tuple(dict.fromkeys(parts))[:MOST_WORDS])


def fold(text: str) -> str:
    """Write letters small and of half width, one sign for one, so that places stay the same."""
    return "".join(_fold(sign) for sign in text)


def _fold(sign: str) -> str:
    # The first: one capital of the world has a small letter of two signs.
    small = sign.lower()[0]
    code = ord(small)
    if code in _FULL_WIDTH:
        return chr(code - _TO_HALF)
    return " " if sign == "\u3000" else small


def _terms(word: str) -> list[int]:
    codes = [ord(sign) for sign in word]
    if len(codes) == 1:
        return codes
    return [(before << _SHIFT) | code for before, code in pairwise(codes)]


def _is_in(word: str, text: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    spellings = _spellings()
    if not any(sign in spellings for sign in word):
        return func.strpos(text, word) > 0
    return text.regexp_match("".join(_pattern(spellings.get(sign, sign)) for sign in word))


def _pattern(signs: str) -> str:
    written = "".join(sign if sign.isalnum() else f"\\{sign}" for sign in signs)
    return f"[{written}]" if len(signs) > 1 else written


@cache
def _spellings() -> dict[str, str]:
    """List the signs that can be written in several ways, each with all of them."""
    ways: dict[str, str] = {}
    for code in range(1, _PLANE):
        sign = chr(code)
        folded = _fold(sign)
        if folded != sign:
            ways[folded] = ways.get(folded, folded) + sign
    return ways
