"""Tables of the directory."""

from registry_core.directory.models.changes import ChangeKind, CodeList, UnitChange
from registry_core.directory.models.contacts import (
    OPERATING_POSTS,
    CollectionRound,
    DirectoryEntry,
    DirectoryStamp,
    Post,
    posts_of,
)

__all__ = [
    "OPERATING_POSTS",
    "ChangeKind",
    "CodeList",
    "CollectionRound",
    "DirectoryEntry",
    "DirectoryStamp",
    "Post",
    "UnitChange",
    "posts_of",
]
