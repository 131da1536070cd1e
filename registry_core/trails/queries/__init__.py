"""Reads of the audit trail: a search through it, looks at one's own data, and looks of the levels above."""

from __future__ import annotations

from registry_core.trails.queries.looks import (
    LookGroup,
    WantedLooks,
    find_owner,
    find_rule,
    list_upper_looks,
)
from registry_core.trails.queries.trail import PAGE, Found, Page, Place, Wanted, find_unit, list_looks, search

__all__ = [
    "PAGE",
    "Found",
    "LookGroup",
    "Page",
    "Place",
    "Wanted",
    "WantedLooks",
    "find_owner",
    "find_rule",
    "find_unit",
    "list_looks",
    "list_upper_looks",
    "search",
]
