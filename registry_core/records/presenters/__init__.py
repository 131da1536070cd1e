"""What pages show of records, in words."""

from __future__ import annotations

from registry_core.records.presenters.entries import present_duty, present_entries
from registry_core.records.presenters.labels import field_label
from registry_core.records.presenters.pages import (
    entity_label,
    form_groups,
    hidden_fields,
    names_of,
    present_clashes,
    present_faults,
    present_history,
    present_kept,
    present_preview,
    present_record,
    present_standing,
    present_teacher,
)

__all__ = [
    "entity_label",
    "field_label",
    "form_groups",
    "hidden_fields",
    "names_of",
    "present_clashes",
    "present_duty",
    "present_entries",
    "present_faults",
    "present_history",
    "present_kept",
    "present_preview",
    "present_record",
    "present_standing",
    "present_teacher",
]
