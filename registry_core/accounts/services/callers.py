"""Who stands at the door."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """The browser at the door, where it is, and the tokens of the accounts that it knows."""

    address: str = ""
    browser: str = ""
    device_tokens: tuple[str, ...] = ()
