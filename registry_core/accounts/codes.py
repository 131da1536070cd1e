"""Codes that people read and type: without signs that look alike, in groups, hashed with the house's secret."""

from __future__ import annotations

import secrets

from registry_core.accounts import keys

# Neither I, L, O nor U: read aloud or printed small, each of them is taken for another.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TAKEN_FOR = str.maketrans("ILO", "110")
GROUP = 4


def draw_digits(count: int) -> str:
    """Draw a code of digits, for a mail or a short message."""
    return "".join(secrets.choice("0123456789") for _digit in range(count))


def draw_groups(groups: int) -> str:
    """Draw a code in groups of four characters: `7KQM-2HXP-90TB`; each group is 20 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _sign in range(GROUP)) for _group in range(groups))


def plain(typed: str) -> str:
    """Take a code as it was meant: capitals, without spaces and dashes, 1 for I and 0 for O."""
    return "".join(sign for sign in typed.upper().translate(_TAKEN_FOR) if sign.isascii() and sign.isalnum())


def hash_code(purpose: str, typed: str) -> str:
    """Hash a code for storage or comparison."""
    return keys.keyed_hash(purpose, plain(typed))
