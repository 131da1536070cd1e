"""What the clock of the worker does for files."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry_core.files import services

CLEAR_OUT_EVERY_SECONDS = 600.0
CLEAR_STORAGE_EVERY_SECONDS = 6 * 3600.0


def clear_out_files(session: Session, _presence: object) -> bool:
    """Delete uploads and files that nobody wants any more; says whether to come again at once."""
    return services.clear_out(session)


def clear_storage(session: Session, _presence: object) -> None:
    """Delete bytes that nothing names."""
    services.clear_storage(session)
