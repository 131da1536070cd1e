"""Where the bytes lie: a folder, or a service that speaks S3. Keys are made from our own identifiers, never from names.

obstore does both behind one interface, writes whole objects or none, and retries what the network broke.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from registry_core.files.errors import StorageAway
from registry_core.files.work import apart

Answer = TypeVar("Answer")

READ_BYTES = 256 * 1024
PATIENCE = timedelta(seconds=30)

CONTENTS = "contents"
PARTS = "parts"
THUMBNAILS = "thumbnails"

_stores: list[ObjectStore] = []
_openers: list[Callable[[], ObjectStore]] = []


@dataclass(frozen=True, slots=True)
class S3:
    """A bucket, with what its service wants to know."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: str = field(default="", repr=False)


def install_storage(open_store: Callable[[], ObjectStore]) -> None:
    """Lay down where this process keeps files; it is opened when the first file is asked for."""
    _openers[:] = [open_store]
    _stores.clear()


def _store() -> ObjectStore:
    if not _stores:
        _stores.append(_openers[0]())
    return _stores[0]


def open_folder(folder: Path) -> ObjectStore:
    """Keep files in a folder that only the house's own user enters; it is made at the first file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return LocalStore(prefix=folder)


def open_s3(place: S3) -> ObjectStore:
    """Keep files in a bucket; nothing is asked of the service yet."""
    return S3Store(
        place.bucket,
        prefix=place.prefix or None,
        endpoint=place.endpoint or None,
        region=place.region,
        access_key_id=place.access_key,
        secret_access_key=place.secret_key,
        # A service of one's own often has neither TLS within the house nor a name for each bucket.
        client_options={"allow_http": place.endpoint.startswith("http://"), "timeout": PATIENCE},
        virtual_hosted_style_request=not place.endpoint,
        retry_config={"max_retries": 3, "retry_timeout": PATIENCE},
    )


def content_key(content_id: UUID) -> str:
    """Name the place of a content."""
    return f"{CONTENTS}/{content_id}"


def thumbnail_key(content_id: UUID) -> str:
    """Name the place of a picture drawn small."""
    return f"{THUMBNAILS}/{content_id}"


def part_key(upload_id: UUID, place: int) -> str:
    """Name the place of a piece of an upload."""
    return f"{PARTS}/{upload_id}/{place}"


def write(key: str, content: bytes | Path) -> None:
    """Write an object, whole or not at all; one of the same key is replaced.

    Raises StorageAway.
    """
    _ask(lambda: obstore.put(_store(), key, content))


def read(key: str) -> Iterator[bytes]:
    """Open an object at once and read it piece by piece.

    Raises FileNotFoundError, StorageAway.
    """
    pieces = _ask(lambda: iter(obstore.get(_store(), key).stream(min_chunk_size=READ_BYTES)))

    def rest() -> Iterator[bytes]:
        while (piece := _ask(lambda: next(pieces, None))) is not None:
            yield bytes(piece)

    return rest()


def delete(keys: Iterable[str]) -> None:
    """Delete objects; one that is not there is as good as deleted.

    Raises StorageAway.
    """
    for key in keys:
        try:
            _ask(lambda key=key: obstore.delete(_store(), key))  # type: ignore[misc]  # a default binds the key
        except FileNotFoundError:
            continue


def list_older(prefix: str, than: datetime) -> list[str]:
    """List the keys below a prefix whose objects were last written before an instant.

    Raises StorageAway.
    """

    def collect() -> list[str]:
        pages = obstore.list(_store(), prefix)
        return [str(entry["path"]) for page in pages for entry in page if entry["last_modified"] < than]

    return _ask(collect)


def _ask(work: Callable[[], Answer]) -> Answer:
    try:
        return apart(work)
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise StorageAway from error
