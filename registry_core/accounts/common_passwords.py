"""Passwords that guessers try first, recognised instead of listed: a few predictable pieces one after the other.

A piece is a common word (`data/common_words.txt`, our own list), a year or a day, digits that count or repeat, or a
walk over the keyboard. `Xueji@2026`, `woaini1314` and `1qaz2wsx3edc` are two or three pieces; what a person invents or
a program draws falls into more.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

WORDS_FILE = Path(__file__).parent / "data" / "common_words.txt"
MOST_PIECES = 3
LONGEST_PIECE = 24
SHORTEST_WALK = 3
SHORTEST_RUN = 2
YEARS = range(1930, 2051)
MONTHS = range(1, 13)

# The rows of the keyboard, its columns, and the alphabet; each is walked in both directions.
_WALKS = (
    "1234567890",
    "0123456789",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "!@#$%^&*()",
)
_LINES = tuple(line for walk in _WALKS for line in (walk, walk[::-1]))
# Digits that are said like words (521 我爱你, 1314 一生一世) or bring luck.
_SPOKEN = frozenset(
    [
        "520",
        "521",
        "1314",
        "5201314",
        "7758521",
        "9527",
        "110",
        "114",
        "119",
        "120",
        "123123",
        "112233",
        "147258",
        "159357",
        "258456",
        "789456",
    ]
)
_SIGNS_FOR_LETTERS = str.maketrans("013457@$!", "oleastasi")
_SIGNS = re.compile(r"[\W_]+")


def is_common(password: str) -> bool:
    """Say whether a password is no more than a few predictable pieces, also with signs put for letters."""
    return count_pieces(password.casefold()) <= MOST_PIECES


def count_pieces(text: str) -> int:
    """Count the fewest pieces that make up a text; signs between them cost nothing, any other character is one."""
    fewest = [0, *(len(text) for _sign in text)]
    for end in range(1, len(text) + 1):
        last = text[end - 1]
        fewest[end] = fewest[end - 1] + (0 if _SIGNS.fullmatch(last) else 1)
        for start in range(max(0, end - LONGEST_PIECE), end - 1):
            if fewest[start] + 1 < fewest[end] and _is_piece(text[start:end]):
                fewest[end] = fewest[start] + 1
    return fewest[-1]


def _is_piece(text: str) -> bool:
    return (
        text in words()
        or text.translate(_SIGNS_FOR_LETTERS) in words()
        or (len(text) >= SHORTEST_RUN and len(set(text)) == 1)
        or (len(text) >= SHORTEST_WALK and any(text in line for line in _LINES))
        or (text.isascii() and text.isdigit() and (text in _SPOKEN or _is_time(text)))
        or _is_repeated(text)
    )


def _is_time(digits: str) -> bool:
    """Say whether digits are a year, a month with its year, or a day as people write birthdays."""
    if len(digits) == len("2026"):
        return int(digits) in YEARS or _is_day(2000, digits)
    if len(digits) == len("202606"):
        return _is_month(digits[:4], digits[4:]) or any(
            _is_day(century + int(digits[:2]), digits[2:]) for century in (1900, 2000)
        )
    return len(digits) == len("20260601") and int(digits[:4]) in YEARS and _is_day(int(digits[:4]), digits[4:])


def _is_month(year: str, month: str) -> bool:
    return int(year) in YEARS and int(month) in MONTHS


def _is_day(year: int, month_and_day: str) -> bool:
    try:
        date(year, int(month_and_day[:2]), int(month_and_day[2:]))
    except ValueError:
        return False
    return True


def _is_repeated(text: str) -> bool:
    """Say whether a text is one shorter text several times: abab, 123123123."""
    return len(text) > SHORTEST_WALK and text in (text + text)[1:-1]


@cache
def words() -> frozenset[str]:
    """Read the common words; a line that begins with `#` says what follows."""
    lines = WORDS_FILE.read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
