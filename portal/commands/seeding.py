"""Bringing a database up to date and filling it: tables, the administrative tree, the demonstration cast."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alembic import command as alembic
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.demonstration import DemonstrationPerson, load_cast, sign_beforehand
from portal.preparation import ROOT
from registry_core.calendars.services import load_own_days
from registry_core.db import make_engine, make_sessions, transaction
from registry_core.orgs import queries
from registry_core.orgs.load_report import LoadReport
from registry_core.orgs.loader import load_regions
from registry_core.rules.load_report import RuleLoadReport
from registry_core.rules.loader import load_packs


def migration_settings(database_url: str) -> Config:
    """Return Alembic's settings for the migrations of the project."""
    settings = Config()
    settings.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    settings.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return settings


def migrate(database_url: str, revision: str = "head") -> None:
    """Bring the tables to the newest migration, or forward to an older one."""
    alembic.upgrade(migration_settings(database_url), revision)


def empty(database_url: str) -> None:
    """Drop everything in the database."""
    with session_on(database_url) as session:
        session.execute(text("DROP SCHEMA public CASCADE"))
        session.execute(text("CREATE SCHEMA public"))


@contextmanager
def session_on(database_url: str) -> Iterator[Session]:
    """Open one transaction on the database, committed at the end, with nothing left open behind it."""
    engine = make_engine(database_url)
    try:
        with transaction(make_sessions(engine)) as session:
            yield session
    finally:
        engine.dispose()


def load_tree(database_url: str, file: Path | None = None) -> LoadReport:
    """Load the shipped divisions or those of a file; all or nothing."""
    with session_on(database_url) as session:
        return load_regions(session, file)


def has_tree(database_url: str) -> bool:
    """Return whether there is a tree already. People may have changed it since, so a file is then loaded on demand."""
    with session_on(database_url) as session:
        return queries.find_ministry(session) is not None


def load_calendar(database_url: str) -> tuple[int, ...]:
    """Load the shipped years of the working-day calendar that are not there yet, and name them."""
    with session_on(database_url) as session:
        return load_own_days(session)


def load_rules(database_url: str, files: Sequence[Path] = ()) -> RuleLoadReport:
    """Load the shipped rule packs or those of some files; all or nothing."""
    with session_on(database_url) as session:
        return load_packs(session, files or None)


def load_people(database_url: str) -> tuple[DemonstrationPerson, ...]:
    """Load the demonstration cast, where it is not there yet, and return it."""
    with session_on(database_url) as session:
        people = tuple(load_cast(session))
        sign_beforehand(session)
        return people
