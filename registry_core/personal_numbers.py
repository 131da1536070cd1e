"""Finding numbers in a text by which somebody can be known: identity numbers, mobile numbers, bank cards.

A number counts when its own check digit says so, so that dates, codes of schools and numbers of files stay readable.
The browser warns by the same rules before anything is sent (static/js/shell/personal-numbers.js); both are held to
tests/data/personal_numbers.json.

Sources: GB 11643-1999 (citizen identification number; check sign by ISO 7064 MOD 11-2), ISO/IEC 7812-1 (Luhn),
the Chinese numbering plan for mobile telephones (11 digits, 13 to 19).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

COVER = "●"


class NumberKind(StrEnum):
    """What a number is."""

    IDENTITY = "identity"
    MOBILE = "mobile"
    BANK_CARD = "bank_card"


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """A number at a place of a text, from `start` up to before `end`."""

    kind: NumberKind
    start: int
    end: int


_PLAIN = str.maketrans("０１２３４５６７８９Ｘｘ－　", "0123456789Xx- ")
"""Full-width signs, one for one, so that places in the text stay the same."""
_RUN = re.compile(r"\d(?:[ -]?\d)*(?:[ -]?[Xx](?![A-Za-z0-9]))?")
"""Digits, with at most one space or hyphen between two, and the X in which an identity number may end."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SIGNS = "10X98765432"
_MOBILE = re.compile(r"(?:86)?1[3-9]\d{9}")
_CARD_LENGTHS = range(16, 20)
_KEPT_IN_FRONT = 3
_KEPT_BEHIND = 2


def find_numbers(text: str) -> tuple[FoundNumber, ...]:
    """Find the numbers of a text, in its order; none lies within another."""
    plain = text.translate(_PLAIN)
    return tuple(found for run in _RUN.finditer(plain) for found in _look_at(plain, run.start(), run.end()))


def cover_numbers(text: str) -> str:
    """Cover the middle of each number; what is left tells a person which one is meant, and nobody the number."""
    covered = text
    for found in find_numbers(text):
        number = text[found.start : found.end]
        covered = covered[: found.start] + _cover(number) + covered[found.end :]
    return covered


def _cover(number: str) -> str:
    last = len(number) - _KEPT_BEHIND
    return "".join(
        sign if place < _KEPT_IN_FRONT or place >= last or sign in " -－　" else COVER
        for place, sign in enumerate(number)
    )


def _look_at(plain: str, start: int, end: int) -> Iterator[FoundNumber]:
    """Say what a run of digits is as a whole, else what its groups are (two numbers beside each other)."""
    kind = _kind_of(plain[start:end])
    if kind is not None:
        yield FoundNumber(kind, start, end)
        return
    groups = [(start + group.start(), start + group.end()) for group in re.finditer(r"[\dXx]+", plain[start:end])]
    first = 0
    while first < len(groups):
        for last in range(len(groups), first, -1):
            begin, finish = groups[first][0], groups[last - 1][1]
            kind = _kind_of(plain[begin:finish])
            if kind is not None:
                yield FoundNumber(kind, begin, finish)
                first = last - 1
                break
        first += 1


def _kind_of(run: str) -> NumberKind | None:
    signs = run.replace(" ", "").replace("-", "").upper()
    if _is_identity(signs):
        return NumberKind.IDENTITY
    if _MOBILE.fullmatch(signs):
        return NumberKind.MOBILE
    if len(signs) in _CARD_LENGTHS and signs.isdecimal() and _passes_luhn(signs):
        return NumberKind.BANK_CARD
    return None


def _is_identity(signs: str) -> bool:
    if len(signs) != len(_WEIGHTS) + 1 or not signs[:-1].isdecimal():
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, signs, strict=False))
    if _SIGNS[total % 11] != signs[-1]:
        return False
    try:
        date(int(signs[6:10]), int(signs[10:12]), int(signs[12:14]))
    except ValueError:
        return False
    return True


def _passes_luhn(digits: str) -> bool:
    if len(set(digits)) == 1:
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(sum(divmod(value, 10)) for value in doubled) % 10 == 0
