"""People who do things, and trails that are really committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from registry_core import audit
from registry_core.audit.entries import Entry
from registry_core.audit.verification import stream_entries
from registry_core.db import commit, make_sessions, new_id
from tests.conftest import empty


@dataclass(frozen=True, slots=True)
class Office:
    """Where somebody sits."""

    address: str = "10.61.1.7"
    browser: str = "Firefox"
    browser_session_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts."""

    account_id: UUID
    on_behalf_of: UUID | None = None
    origin: Office | None = None
    home: None = None
    purpose: str = ""


@pytest.fixture
def person() -> Person:
    return Person(new_id(), origin=Office())


@pytest.fixture
def act(session: Session, person: Person) -> Callable[..., Entry]:
    """Do something, commit it, and return its entry."""

    def do(what: str = "accounts.renamed", by: Person = person, **changes: audit.Change) -> Entry:
        audit.note(session, by, what, about=audit.Subject("account", new_id(), label="第一小学"), changes=changes)
        commit(session)
        return max(stream_entries(session), key=lambda entry: (entry.at, entry.number))

    return do


@pytest.fixture
def sessions(engine: Engine) -> Iterator[sessionmaker[Session]]:
    """Sessions that really commit; every table is emptied afterwards."""
    yield make_sessions(engine)
    empty(engine)
