"""Writes about files: bringing one in, attaching it to its use, looking after contents, clearing out the rest."""

from registry_core.files.services.arriving import begin_upload, cancel_upload, take_piece
from registry_core.files.services.clearing import clear_out, clear_storage
from registry_core.files.services.keeping import attach, keep, note_opened
from registry_core.files.services.scanning import look_after

__all__ = [
    "attach",
    "begin_upload",
    "cancel_upload",
    "clear_out",
    "clear_storage",
    "keep",
    "look_after",
    "note_opened",
    "take_piece",
]
