"""The stage of the journeys: the running system and the one browser."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from portal.commands.browser import find_browser, how_to_install
from tests.journeys.browsers import open_browser
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
            program = find_browser()
            if program is None:
                (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(how_to_install())
            system = self._stack.enter_context(running_system(self._folder))
            self._people = People(self._stack.enter_context(open_browser(program)), Records(system))
        return self._people

    def close(self) -> None:
        """Close it; the next journey, if there is one, opens it again."""
        self._people = None
        self._stack.close()
