"""Reads of the channel; those of the messenger stand in modules of their own."""

from __future__ import annotations

from chat.queries.files import read_files
from chat.queries.messages import (
    PAGE,
    Line,
    Page,
    count_unread,
    find_number_at,
    get_access,
    list_messages,
    read_around,
    read_marks,
    read_messages,
    read_recent,
    select_lines,
)

__all__ = [
    "PAGE",
    "Line",
    "Page",
    "count_unread",
    "find_number_at",
    "get_access",
    "list_messages",
    "read_around",
    "read_files",
    "read_marks",
    "read_messages",
    "read_recent",
    "select_lines",
]
