"""One `./desk` at a time runs the server of a folder; the lock goes with the process that holds it, however it ends."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_SECONDS = 0.1


@contextmanager
def ownership(directory: Path, *, wait_seconds: float = 0.0) -> Iterator[bool]:
    """Try to become the owner of the folder's server; yield whether this process is it."""
    directory.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_seconds
    with (directory / "owner").open("a+") as file:
        is_mine = try_lock(file.fileno())
        while not is_mine and time.monotonic() < deadline:
            time.sleep(PATIENCE_SECONDS)
            is_mine = try_lock(file.fileno())
        if is_mine:
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
        yield is_mine


def try_lock(descriptor: int) -> bool:
    """Take the lock if nobody has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def owner_of(directory: Path) -> str:
    """Return the process id of the last owner, for a message."""
    note = directory / "owner"
    return note.read_text() if note.exists() else "?"
