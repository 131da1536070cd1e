"""The files of messages as pages and sockets show them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chat.queries.files import read_files
from registry_core.files.kinds import BY_NAME
from registry_core.files.models import ContentState, StoredFile
from registry_core.files.presenters import say_size


@dataclass(frozen=True, slots=True)
class MessageFileView:
    """A file of a message; `is_open` where it may be opened: neither quarantined nor infected.

    `thumbnail` is empty until the worker has drawn the picture small.
    """

    id: UUID
    name: str
    kind: str
    size: str
    state: str
    url: str
    thumbnail: str
    width: int
    height: int
    is_picture: bool
    is_open: bool


def view_files(session: Session, message_ids: Collection[UUID]) -> dict[UUID, tuple[MessageFileView, ...]]:
    """Present the files of messages, by message."""
    found = read_files(session, message_ids)
    return {message_id: tuple(view_file(file) for file in files) for message_id, files in found.items()}


def view_file(file: StoredFile) -> MessageFileView:
    """Present one file; its content must have been loaded."""
    content = file.content
    # Addresses by hand: a socket command has no request, and so no way to build them.
    url = f"/files/{file.id}"
    return MessageFileView(
        file.id,
        file.name,
        content.kind,
        say_size(content.size),
        content.state.value,
        url,
        f"{url}/thumbnail" if content.has_thumbnail else "",
        content.width or 0,
        content.height or 0,
        is_picture=BY_NAME[content.kind].is_picture,
        is_open=content.state not in (ContentState.QUARANTINED, ContentState.INFECTED),
    )


def file_packet(file: MessageFileView) -> dict[str, Any]:
    """Make a file as it travels over the socket (docs/protocol.md)."""
    return {
        "id": str(file.id),
        "name": file.name,
        "kind": file.kind,
        "size": file.size,
        "state": file.state,
        "url": file.url,
        "thumbnail": file.thumbnail,
        "width": file.width,
        "height": file.height,
        "is_picture": file.is_picture,
        "is_open": file.is_open,
    }
