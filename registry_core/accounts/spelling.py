"""What one may type in Latin letters to find a name (decision 0021)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, product

from pypinyin import Style, pinyin

SHORTEST = 2
"""Letters that are kept at least: one letter would find every thirtieth person of the country."""
_MOST_SIGNS = 12
_MOST_READINGS = 8
_NO_SPELLING = "-"
"""Stands where a name has no letters at all, so that it is not taken for one that was never spelled."""
_REMARK = re.compile(r"[（(].*")
_PART = re.compile(r"[a-z0-9]+|[^\sa-z0-9]")
_NOT_TYPED = re.compile(r"[^a-z0-9]")


def spell(name: str) -> tuple[str, ...]:
    """List every beginning of a name's pinyin and of its initials, with and without the surname.

    `李晓芸` is found by lixiaoyun, lxy, xiaoyun, xy and all beginnings of these. Signs with several readings (曾, 单)
    stand with each of them; what is in brackets is no part of a name.
    """
    keys = {key for spelling in _spellings(_REMARK.sub("", name)) for key in _beginnings(spelling)}
    return tuple(sorted(keys)) or (_NO_SPELLING,)


def typed(words: str) -> str:
    """Bring what was typed into the form of the keys; empty where it has other signs than letters and digits."""
    plain = re.sub(r"[\s'·-]", "", words.lower()).replace("ü", "v")
    return plain if len(plain) >= SHORTEST and not _NOT_TYPED.search(plain) else ""


def _spellings(name: str) -> Iterator[str]:
    for reading in islice(product(*_readings(name)), _MOST_READINGS):
        initials = [syllable[0] for syllable in reading]
        for start in {0, min(1, len(reading) - 1)}:
            yield "".join(reading[start:])
            yield "".join(initials[start:])


def _readings(name: str) -> list[list[str]]:
    return [readings for part in _PART.findall(name.lower())[:_MOST_SIGNS] if (readings := _read(part))]


def _read(part: str) -> list[str]:
    """List how one word in letters, or one sign, is read. Signs go one by one: together a dictionary would choose."""
    if not _NOT_TYPED.search(part):
        return [part]
    found = pinyin(part, style=Style.NORMAL, heteronym=True, errors="ignore")
    readings = dict.fromkeys(_NOT_TYPED.sub("", one.replace("ü", "v")) for group in found for one in group)
    plain = [one for one in readings if one]
    # Passports and keyboards write lü as lu as well; v is what pinyin methods take.
    return [*plain, *(one.replace("v", "u") for one in plain if one[1:2] == "v")]


def _beginnings(spelling: str) -> Iterator[str]:
    return (spelling[:length] for length in range(SHORTEST, len(spelling) + 1))
