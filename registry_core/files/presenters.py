"""Files as pages and the upload element are told of them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import url_for
from flask_babel import format_decimal
from flask_babel import gettext as _

from registry_core.files.kinds import BY_NAME
from registry_core.files.models import ContentState, StoredFile, Upload
from registry_core.files.services.arriving import PIECE_BYTES

KILO = 1000


@dataclass(frozen=True, slots=True)
class UploadView:
    """How far an upload has come."""

    id: UUID
    received: int
    size: int
    piece_bytes: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class FileView:
    """A file in a list: `state` is unscanned, quarantined, clean or infected; `thumbnail_url` for pictures alone."""

    id: UUID
    name: str
    kind: str
    size: str
    state: str
    state_label: str
    url: str
    thumbnail_url: str | None


def present_upload(upload: Upload) -> UploadView:
    """Say how far an upload has come."""
    return UploadView(upload.id, upload.received, upload.size, PIECE_BYTES, upload.received == upload.size)


def present_file(file: StoredFile) -> FileView:
    """Put a file into a line; its content must have been loaded."""
    content = file.content
    return FileView(
        id=file.id,
        name=file.name,
        kind=BY_NAME[content.kind].name,
        size=say_size(content.size),
        state=content.state.value,
        state_label=_state_label(content.state),
        url=url_for("files.open_file", file_id=file.id),
        thumbnail_url=url_for("files.thumbnail", file_id=file.id) if content.has_thumbnail else None,
    )


def say_size(size: int) -> str:
    """Say a size as people read it: 812 KB, 3.4 MB."""
    if size < KILO:
        return _("%(count)s 字节", count=size)
    if size < KILO**2:
        return f"{format_decimal(round(size / KILO))} KB"
    return f"{format_decimal(round(size / KILO**2, 1))} MB"


def _state_label(state: ContentState) -> str:
    return {
        ContentState.UNSCANNED: _("已上传"),
        ContentState.QUARANTINED: _("正在查毒"),
        ContentState.CLEAN: _("已查毒"),
        ContentState.INFECTED: _("有病毒，已隔离"),
    }[state]
