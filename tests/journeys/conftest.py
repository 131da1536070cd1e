"""Journeys: the real system, one real browser, and people of the cast at pages of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.people import People
from tests.journeys.records import Records
from tests.journeys.stage import Stage

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all journeys in one process: they share the system and the browser."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.xdist_group("journeys"))


STAGE = pytest.StashKey[Stage]()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Close the stage behind the last journey."""
    stage = item.config.stash.get(STAGE, None)
    if stage is not None and (nextitem is None or not nextitem.path.is_relative_to(HERE)):
        stage.close()


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Stage:
    """Return the stage, on which nothing is open yet."""
    return pytestconfig.stash.setdefault(STAGE, Stage(tmp_path_factory.mktemp("journeys")))


@pytest.fixture
def records(stage: Stage) -> Records:
    """What the database says."""
    return stage.people().records


@pytest.fixture
def people(stage: Stage, request: pytest.FixtureRequest) -> Iterator[People]:
    """Everybody, on a quiet morning; afterwards no browser and no log may have complained."""
    everybody = stage.people()
    everybody.records.quieten()
    everybody.records.system.new_faults()
    yield everybody
    keep_pictures(everybody, request)
    complaints = everybody.go_home() + everybody.records.system.new_faults()
    assert not complaints, "\n".join(complaints)


def keep_pictures(people: People, request: pytest.FixtureRequest) -> None:
    """Leave a picture of each page where `DESK_PICTURES` names a folder."""
    folder = os.environ.get("DESK_PICTURES")
    if folder:
        for number, person in enumerate(people.present):
            if not person.page.is_closed():
                place = Path(folder) / f"{request.node.name}-{number}-{person.user_name}.png"
                person.page.screenshot(path=place, caret="initial")
