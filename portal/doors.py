"""Letting many in at once without holding up those who are inside already."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask_babel import lazy_gettext as _l

from registry_core.errors import Unavailable

COMING_IN = frozenset({"conversation:join", "conversations:join", "conversations:sync", "message:sync"})
"""The commands with which a page that has lost its line asks for everything that it missed."""
PLACES = 8
"""So many come in at the same time. A process has 20 connections to the database: the rest is for those inside."""
LONGEST_WAIT_SECONDS = 6.0
"""Pages wait 8 s for an answer; who is told to come again keeps the line."""
CONNECTING_SECONDS = 15.0
"""Who is turned away while connecting has to make a new line, which costs more than waiting."""


class TryAgain(Unavailable):
    """The house cannot answer now; the page keeps the text and sends it again by itself."""

    code = "try_again"
    message = _l("服务暂时不可用，恢复后会自动重发。您写的内容没有丢失。")


class Door:
    """Lets a few through at a time, in the order in which they came; the others wait outside."""

    def __init__(self, places: int = PLACES) -> None:
        self._places = threading.BoundedSemaphore(places)

    @contextmanager
    def passing(self, longest: float | None = None) -> Iterator[None]:
        """Hold a place while somebody comes in. Raises TryAgain."""
        if not self._places.acquire(timeout=LONGEST_WAIT_SECONDS if longest is None else longest):
            raise TryAgain
        try:
            yield
        finally:
            self._places.release()
