"""Writing records, one by one or from a file."""

from __future__ import annotations

from registry_core.records.services.imports import ImportLine, apply_import, check_import, get_import, list_lines
from registry_core.records.services.saving import Edit, Saved, add_teacher, let_teacher_leave, save_record, save_teacher

__all__ = [
    "Edit",
    "ImportLine",
    "Saved",
    "add_teacher",
    "apply_import",
    "check_import",
    "get_import",
    "let_teacher_leave",
    "list_lines",
    "save_record",
    "save_teacher",
]
