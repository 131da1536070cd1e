"""The house without its database or its Redis."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.commands.seeding import migrate
from portal.servers.postgres import Postgres
from registry_core import web
from registry_core.db import make_engine, make_sessions
from registry_core.store import make_store
from tests.portal_house import Browser, make_app, make_settings


class House:
    """A house whose PostgreSQL may be stopped and started."""

    def __init__(self, server: Postgres, redis_url: str) -> None:
        self.server = server
        self.engine = make_engine(server.url)
        runtime = web.Runtime(self.engine, make_sessions(self.engine), make_store(redis_url))
        self.app = make_app(make_settings(server.url), runtime)

    def close(self) -> None:
        self.engine.dispose()
        self.app.extensions[web.RUNTIME].store.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "postgres", durable=False)
    server.start()
    migrate(server.url)
    yield server
    server.program.stop()


@pytest.fixture
def house(server: Postgres, redis_url: str) -> Iterator[House]:
    house = House(server, redis_url)
    yield house
    house.close()


def test_without_the_database_pages_say_so_and_come_back_with_it(house: House) -> None:
    browser = Browser(house.app)
    assert browser.get("/sign-in").status_code == 200
    assert browser.get("/readyz").json == {"status": "ok", "database": "ok", "migrations": "ok", "redis": "ok"}
    house.server.program.stop()
    answer = browser.get("/sign-in")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "服务暂时不可用" in answer.text
    assert browser.get("/readyz").status_code == 503
    assert browser.get("/healthz").status_code == 200
    house.server.start()
    assert browser.get("/sign-in").status_code == 200


def test_without_the_database_a_sent_form_is_answered_in_words(house: House) -> None:
    browser = Browser(house.app)
    token = browser.token()
    house.server.program.stop()
    fields = {"csrf_token": token, "user_name": "somebody", "password": "something", "next": ""}
    answer = browser.client.post("/sign-in", data=fields)
    assert answer.status_code == 503
    assert "服务暂时不可用" in answer.text
    assert (
        browser.client.post("/sign-in", data=fields, headers={"HX-Request": "true"}).headers["HX-Retarget"] == "#flash"
    )


def test_tables_that_are_behind_make_the_house_not_ready(house: House) -> None:
    with house.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    answer = Browser(house.app).get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["migrations"] == "behind"


def test_without_redis_the_house_is_ready_all_the_same(house: House, tmp_path: Path) -> None:
    runtime = house.app.extensions[web.RUNTIME]
    nowhere = make_store(f"unix://{tmp_path}/nowhere.sock")
    house.app.extensions[web.RUNTIME] = web.Runtime(runtime.engine, runtime.sessions, nowhere)
    answer = Browser(house.app).get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["status"] == answer.json["redis"] == "degraded"
    runtime.store.close()
