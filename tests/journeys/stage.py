"""The stage of the journeys: the running system and the one browser."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from tests.journeys.browsers import need_browser, open_browser
from tests.journeys.people import People
from tests.journeys.records import Records
from tests.journeys.system import running_system


class Stage:
    """What the journeys share: system and browser, opened with the first journey and closed with the last.

    A fixture of the session would keep the browser, and with it an event loop, until all other tests have run: none of
    them could start a loop of its own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._people: People | None = None

    def people(self) -> People:
        """Open the stage unless it is open; skip, or fail on CI, where there is no browser."""
        if self._people is None:
            program = need_browser()
            system = self._stack.enter_context(running_system(self._folder))
            self._people = People(self._stack.enter_context(open_browser(program)), Records(system))
        return self._people

    def close(self) -> None:
        """Close it; the next journey, if there is one, opens it again."""
        self._people = None
        self._stack.close()
