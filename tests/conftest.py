"""Shared fixtures: one private PostgreSQL and Valkey for each test process, a session that is rolled back, the cast.

The tree is a small cut of the real one, with the real codes; the people are the demonstration cast.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from chat.policies import install_keepers
from chat.presence import Presence
from portal.demonstration import load_cast
from portal.permissions import RIGHTS
from portal.servers.postgres import private_postgres
from portal.servers.valkey import private_valkey
from portal.subscriptions import KEEPERS, REACTIONS, UNREAD_TELLERS
from registry_core import clock
from registry_core.access.actors import Actor, install_rights
from registry_core.access.queries import load_actor
from registry_core.accounts.keys import install_secret
from registry_core.accounts.models import Account
from registry_core.db import make_engine
from registry_core.events import install_reactions
from registry_core.notifications.unread import install_unread_tellers
from registry_core.orgs.models import Level, OrgUnit
from registry_core.orgs.services import add_unit
from registry_core.store import Redis, make_store

ROOT = Path(__file__).parent.parent


def build_small_tree(session: Session) -> None:
    """Plant two provinces with two counties and one county, under the real names and codes."""
    ministry = add_unit(session, None, level=Level.MINISTRY, name="教育部")
    shaanxi = add_unit(session, ministry, level=Level.PROVINCE, name="陕西省", code="610000")
    xian = add_unit(session, shaanxi, level=Level.CITY, name="西安市", code="610100")
    add_unit(session, xian, level=Level.COUNTY, name="雁塔区", code="610113")
    add_unit(session, xian, level=Level.COUNTY, name="碑林区", code="610103")
    hubei = add_unit(session, ministry, level=Level.PROVINCE, name="湖北省", code="420000")
    wuhan = add_unit(session, hubei, level=Level.CITY, name="武汉市", code="420100")
    add_unit(session, wuhan, level=Level.COUNTY, name="武昌区", code="420106")


@pytest.fixture(scope="session", autouse=True)
def _house() -> None:
    install_rights(RIGHTS)
    install_secret("a secret for tests that nobody else knows")
    install_reactions(REACTIONS)
    install_keepers(KEEPERS)
    install_unread_tellers(UNREAD_TELLERS)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Addresses of a PostgreSQL and a Valkey that belong to this test process alone."""
    folder = tmp_path_factory.mktemp("servers")
    with (
        private_postgres(folder / "postgres", durable=False) as database_url,
        private_valkey(folder / "valkey") as redis,
    ):
        yield database_url, redis


@pytest.fixture(scope="session")
def database_url(servers: tuple[str, str]) -> str:
    """The address of a migrated, empty database."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    config.set_main_option("sqlalchemy.url", servers[0].replace("%", "%%"))
    command.upgrade(config, "head")
    return servers[0]


@pytest.fixture(scope="session")
def redis_url(servers: tuple[str, str]) -> str:
    """The address of the private Valkey."""
    return servers[1]


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on the migrated, empty database."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose commits are savepoints; everything is rolled back after the test."""
    with engine.connect() as connection:
        outer = connection.begin()
        opened = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        yield opened
        opened.close()
        outer.rollback()


@pytest.fixture
def store(redis_url: str) -> Iterator[Redis]:
    """An empty Valkey."""
    client = make_store(redis_url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def presence(store: Redis) -> Presence:
    """The heartbeats, none so far."""
    return Presence(store)


class Cast:
    """The cast by user name, in a tree of their own for this test."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def id(self, user_name: str) -> UUID:
        """The account's id."""
        return self._session.scalars(select(Account.id).where(Account.user_name == user_name)).one()

    def actor(self, user_name: str) -> Actor:
        """The person as an actor, with the roles held now."""
        return load_actor(self._session, self.id(user_name), at=clock.now())

    def unit(self, name: str) -> OrgUnit:
        """A unit by its name."""
        return self._session.scalars(select(OrgUnit).where(OrgUnit.name == name)).one()


@pytest.fixture
def cast(session: Session) -> Cast:
    """The small tree with the cast in it."""
    build_small_tree(session)
    load_cast(session)
    return Cast(session)


@pytest.fixture
def committed(engine: Engine) -> Iterator[Cast]:
    """The cast really committed, for tests with several connections; every table is emptied afterwards."""
    with Session(engine, expire_on_commit=False) as opened:
        build_small_tree(opened)
        load_cast(opened)
        opened.commit()
        yield Cast(opened)
    empty(engine)


def empty(engine: Engine) -> None:
    """Empty every table but the record of migrations."""
    with engine.begin() as connection:
        names = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")
        ).all()
        # As a replica would: the triggers that keep the audit trail do not fire.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("TRUNCATE " + ", ".join(f'"{name}"' for name in names) + " CASCADE"))


@pytest.fixture(scope="session")
def on_ci() -> bool:
    """Whether a missing part of the machine is a failure instead of a skip."""
    return os.environ.get("CI", "") == "true"
