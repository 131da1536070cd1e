"""Journeys: the real system, one real browser, and people of the cast at pages of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from portal.commands.browser import find_browser, how_to_install
from tests.journeys.browsers import open_browser
from tests.journeys.people import People
from tests.journeys.records import Records
from tests.journeys.system import RunningSystem, running_system

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all journeys in one process: they share the system and the browser."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.xdist_group("journeys"))


@pytest.fixture(scope="package")
def browser(*, on_ci: bool) -> Iterator[Browser]:
    """The one browser. Closed with the last journey: while it runs, no other test could start an event loop."""
    program = find_browser()
    if program is None:
        (pytest.fail if on_ci else pytest.skip)(how_to_install())
    with open_browser(program) as opened:
        yield opened


@pytest.fixture(scope="package")
def system(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """The running system; only started where there is a browser."""
    del browser
    with running_system(tmp_path_factory.mktemp("journeys")) as system:
        yield system


@pytest.fixture(scope="package")
def records(system: RunningSystem) -> Records:
    """What the database says."""
    return Records(system)


@pytest.fixture(scope="package")
def everybody(browser: Browser, records: Records) -> People:
    """The people of the cast, at browsers of this run."""
    return People(browser, records)


@pytest.fixture
def people(everybody: People, records: Records, request: pytest.FixtureRequest) -> Iterator[People]:
    """Everybody, on a quiet morning; afterwards no browser and no log may have complained."""
    records.quieten()
    records.system.new_faults()
    yield everybody
    keep_pictures(everybody, request)
    complaints = everybody.go_home() + records.system.new_faults()
    assert not complaints, "\n".join(complaints)


def keep_pictures(people: People, request: pytest.FixtureRequest) -> None:
    """Leave a picture of each page beside the logs where `DESK_PICTURES` names a folder."""
    folder = os.environ.get("DESK_PICTURES")
    if folder:
        for number, person in enumerate(people.present):
            if not person.page.is_closed():
                place = Path(folder) / f"{request.node.name}-{number}-{person.user_name}.png"
                person.page.screenshot(path=place, caret="initial")
