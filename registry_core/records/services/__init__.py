"""Writing records, one by one or from a file, and checking what others have entered."""

from __future__ import annotations

from registry_core.records.services.checking import (
    Checked,
    accept_entries,
    is_outdated,
    move_stranded,
    return_entries,
)
from registry_core.records.services.entering import (
    add_teacher,
    let_teacher_leave,
    save_record,
    save_teacher,
    withdraw_entry,
)
from registry_core.records.services.imports import (
    Imported,
    ImportLine,
    apply_import,
    check_import,
    count_to_check,
    get_import,
    list_lines,
)
from registry_core.records.services.saving import Edit, Saved

__all__ = [
    "Checked",
    "Edit",
    "ImportLine",
    "Imported",
    "Saved",
    "accept_entries",
    "add_teacher",
    "apply_import",
    "check_import",
    "count_to_check",
    "get_import",
    "is_outdated",
    "let_teacher_leave",
    "list_lines",
    "move_stranded",
    "return_entries",
    "save_record",
    "save_teacher",
    "withdraw_entry",
]
