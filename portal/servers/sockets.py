"""Where a private server puts its unix socket: a folder that only its owner may enter."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from portal.servers.errors import ServerFailed

LONGEST_SOCKET_PATH = 107
# PostgreSQL reads a list at commas and a path in quotation marks, and so do its clients.
AWKWARD = frozenset(",\"'\\@")


def make_socket_directory(directory: Path, socket_name: str) -> Path:
    """Make the 0700 folder for the socket: inside the directory, or under the temporary folder if the path is too long.

    Raises ServerFailed when somebody else owns the folder under the temporary folder.
    """
    inside = directory / "run"
    is_short = len(os.fsencode(inside / socket_name)) <= LONGEST_SOCKET_PATH
    if is_short and not AWKWARD.intersection(str(inside)):
        inside.mkdir(parents=True, exist_ok=True)
        inside.chmod(0o700)
        return inside
    name = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    outside = Path(tempfile.gettempdir()) / f"desk-{os.geteuid()}-{name}"
    outside.mkdir(mode=0o700, exist_ok=True)
    found = outside.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in trusted_owners() or stat.S_IMODE(found.st_mode) & 0o077:
        message = f"{outside} 属于别人，不能使用；请删除它再试 · belongs to somebody else; remove it and try again"
        raise ServerFailed(message)
    return outside


def trusted_owners() -> set[int]:
    """Return the users whose folder may be used: this one and, for root, the one that PostgreSQL runs as."""
    return {0, 65534} if os.geteuid() == 0 else {os.geteuid()}
