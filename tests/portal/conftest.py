"""The application on the test's own transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.app import SOCKET_GATE
from portal.demonstration import load_cast
from portal.servers.valkey import private_valkey
from registry_core import links, live, web
from registry_core.store import Redis
from tests.conftest import Cast, build_small_tree, empty
from tests.portal.protocol_house import House
from tests.portal.test_web_process import Process
from tests.portal_house import Browser, make_app, make_settings, runtime_on


@pytest.fixture(scope="session")
def shared_app(database_url: str, engine: Engine) -> Flask:
    """One application for all tests; each puts its own runtime into it."""
    return make_app(make_settings(database_url), web.Runtime(engine, None, None))  # type: ignore[arg-type]  # see `app`


@pytest.fixture
def app(shared_app: Flask, cast: Cast, session: Session, engine: Engine, store: Redis) -> Flask:
    """The application with the cast and an empty Valkey, in a transaction that is rolled back."""
    del cast
    shared_app.extensions[web.RUNTIME] = runtime_on(session, engine, store)
    # The application made last has the pushes and the address, and some tests make one of their own.
    live.install_emitter(shared_app.extensions[SOCKET_GATE].emit)
    links.install_public_url(make_settings("").public_url)
    return shared_app


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser that nobody is signed in to."""
    return Browser(app)


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Browser]:
    """Make a browser that somebody is signed in to."""

    def make(user_name: str) -> Browser:
        browser = Browser(app)
        assert browser.sign_in(user_name).status_code == 303
        return browser

    return make


@pytest.fixture(scope="module")
def process(engine: Engine, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder: Path = tmp_path_factory.mktemp("house")
    with Session(engine) as session, session.begin():
        build_small_tree(session)
        load_cast(session)
    with private_valkey(folder / "valkey") as redis_url:
        environment = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "DESK_MODE": "demonstration",
            "DESK_SECRET_KEY": "k" * 32,
            "DESK_VAR": str(folder),
            "DESK_LOG_LEVEL": "WARNING",
            # What is asked of the protocol here is asked faster than people write.
            "DESK_SENDS_PER_SECOND": "0",
        }
        running = Process(environment, folder / "web.log")
        yield running
        running.close()
    empty(engine)


@pytest.fixture(scope="module")
def shared_house(process: Process) -> House:
    return House(process)


@pytest.fixture
def house(shared_house: House) -> Iterator[House]:
    yield shared_house
    shared_house.lines.close()


@pytest.fixture
def conversation(house: House) -> str:
    return house.question()
