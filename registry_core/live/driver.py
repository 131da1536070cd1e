"""Putting the transport under a Socket.IO server, or leaving the library's own where it would not fit."""

from __future__ import annotations

import logging
from functools import partial
from importlib.metadata import version
from typing import Any

from registry_core.live.manager import DirectManager
from registry_core.live.pings import Pings
from registry_core.live.transport import Line, PacketQueue

MADE_FOR = {
    "gevent": "26.9.0",
    "python-engineio": "4.15.1",
    "python-socketio": "5.18.1",
    "websockets": "17.4",
}
"""The transport uses names that these libraries do not promise to keep. Another version is tried by the tests first."""
REPLACED = ("queue", "thread", "websocket")

log = logging.getLogger(__name__)


def install(server: Any) -> bool:
    """Let a Socket.IO server on gevent send directly; say whether it does.

    Where a library has another version, its own driver stays: slower, and right.
    """
    if strangers := find_strangers():
        log.warning("the library's own transport stays: made for other versions of %s", ", ".join(strangers))
        return False
    manager, engine = server.manager, server.eio
    if not isinstance(manager, DirectManager) or any(name not in engine._async for name in REPLACED):  # noqa: SLF001 - not public: pinned, and tested
        log.warning("the library's own transport stays: the server is put together in another way")
        return False
    replacements = {
        "queue": PacketQueue,
        "thread": Pings().task,
        "websocket": partial(_open_line, manager),
    }
    engine._async = {**engine._async, **replacements}  # noqa: SLF001 - as above; an attribute of this instance
    return True


def find_strangers() -> list[str]:
    """Name the libraries whose version is not the one that the transport was made for."""
    return sorted(name for name, wanted in MADE_FOR.items() if version(name) != wanted)


def _open_line(manager: DirectManager, handle: Any, server: Any) -> Line:
    return Line(handle, server, manager.outlets)
