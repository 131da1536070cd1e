"""Texts that people send, made fit to be stored."""

from __future__ import annotations

import unicodedata

KEPT_CONTROLS = "\n\t"


def clean_text(text: str) -> str:
    """Take away what PostgreSQL cannot store (NUL) and no eye can see (control signs), and the space around."""
    plain = text.replace("\r\n", "\n")
    return "".join(
        sign for sign in plain if sign in KEPT_CONTROLS or unicodedata.category(sign) not in {"Cc", "Cs"}
    ).strip()
