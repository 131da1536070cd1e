"""Pushes of rounds of commands, sent beside the next round: while one writes to a room, another waits for the database.

One task sends them all, in the order of the commits. What goes to one line in one turn goes in one write: in a lively
room of a thousand the writing is most of the work.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import Any

from flask import Flask

from registry_core.db import Act, run_afterwards

AT_ONCE = 16
"""Pushes of one turn, after which others have theirs; and as many may wait when the next round begins."""


class Pushing:
    """Takes what waited for a commit; where commands run in real threads, it runs at once."""

    def __init__(self, app: Flask, server: Any) -> None:
        self._app = app
        self._server = server
        self._is_beside = server.async_mode == "gevent"
        self._waiting: deque[Act] = deque()
        self._is_under_way = False
        self._has_room = threading.Event()

    def take(self, acts: Sequence[Act]) -> None:
        """Take what waited for one commit."""
        if not self._is_beside:
            run_afterwards(acts)
            return
        self._waiting.extend(acts)
        if not self._is_under_way:
            self._is_under_way = True
            self._server.start_background_task(self._run)

    def wait_for_room(self) -> None:
        """Wait while so much waits that more would only wait longer: who sends faster than this is held up."""
        while len(self._waiting) > AT_ONCE:
            self._has_room.clear()
            self._has_room.wait()

    def _run(self) -> None:
        with self._app.app_context():
            while self._waiting:
                acts = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
                with self._server.manager.gathering():
                    run_afterwards(acts)
                self._has_room.set()
                self._server.sleep(0)
            self._is_under_way = False
