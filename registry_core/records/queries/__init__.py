"""Reads of records, of the changes that wait for a check, and of who enters and who checks."""

from __future__ import annotations

from registry_core.records.queries.entries import (
    Counted,
    Entry,
    count_entries,
    find_own_entry,
    hold_entries,
    list_entries_of,
    list_new_teachers,
    list_own_entries,
    list_to_check,
)
from registry_core.records.queries.records import (
    Changed,
    Reach,
    Standing,
    find_record,
    find_records,
    get_record,
    get_unit,
    list_below,
    list_changes,
    list_standings,
    list_teachers,
    may_enter,
    reach_of,
    values_at,
)

__all__ = [
    "Changed",
    "Counted",
    "Entry",
    "Reach",
    "Standing",
    "count_entries",
    "find_own_entry",
    "find_record",
    "find_records",
    "get_record",
    "get_unit",
    "hold_entries",
    "list_below",
    "list_changes",
    "list_entries_of",
    "list_new_teachers",
    "list_own_entries",
    "list_standings",
    "list_teachers",
    "list_to_check",
    "may_enter",
    "reach_of",
    "values_at",
]
