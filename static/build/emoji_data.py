# ruff: noqa: INP001 - a script beside those of the build, and no package
"""Make chat/data/emoji.tsv anew from the Chinese file of the npm package emojibase-data (chat/data/PROVENANCE.md).

npm pack emojibase-data && tar xf emojibase-data-*.tgz
var/venv/bin/python static/build/emoji_data.py package/zh/data.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pypinyin import Style, lazy_pinyin

NEWEST = 13
"""Emoji of 2020: the newest that systems in use draw without a missing sign (Windows 10, Android 11, UOS, Kylin)."""
COMPONENTS = 2
"""The group of skins and hair, which are no emoji by themselves."""
REGIONS = range(0x1F1E6, 0x1F200)
"""Letters of which two make the flag of a country."""
CANCEL_TAG = "\U000e007f"
"""Ends the flag of a part of a country."""
AS_PICTURE = "\ufe0f"
TARGET = Path(__file__).parents[2] / "chat" / "data" / "emoji.tsv"


def is_shown(entry: dict[str, Any]) -> bool:
    """Say whether common systems draw it; of flags of regions Windows draws the two letters only."""
    if "group" not in entry or entry["group"] == COMPONENTS or entry["version"] > NEWEST:
        return False
    return ord(entry["emoji"][0]) not in REGIONS and CANCEL_TAG not in entry["emoji"]


def sign(entry: dict[str, Any]) -> str:
    """Give the sequence as keyboards type it: what is a picture anyway needs no sign that says so."""
    emoji: str = entry["emoji"]
    return emoji[0] if entry["type"] == 1 and emoji[1:] == AS_PICTURE else emoji


def row(entry: dict[str, Any]) -> str:
    """Make a line: group, emoji, name, further words, and the initials of all of them."""
    words = [word for word in entry.get("tags", []) if word != entry["label"]]
    initials = dict.fromkeys(
        "".join(lazy_pinyin(word, style=Style.FIRST_LETTER, errors="ignore")) for word in (entry["label"], *words)
    )
    cells = [str(entry["group"]), sign(entry), entry["label"], " ".join(words)]
    return "\t".join([*cells, " ".join(one for one in initials if len(one) > 1)])


def main() -> None:
    """Write the file."""
    entries = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    shown = sorted((entry for entry in entries if is_shown(entry)), key=lambda entry: entry["order"])
    TARGET.write_text("".join(f"{row(entry)}\n" for entry in shown), "utf-8")


if __name__ == "__main__":
    main()
