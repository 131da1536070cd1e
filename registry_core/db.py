"""The database: declarative base, shared column types, sessions and the transaction that an entry point owns."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import (
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Executable,
    MetaData,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool
from uuid_utils.compat import uuid7

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

RESTED_SECONDS = 1.0
"""A connection that has rested longer is asked whether it still lives before it is used. Asking each time (SQLAlchemy's
pre-ping) would be one in eight round trips of a message; who meets a database lost within that second is told so."""

CONNECT_SECONDS = 5
"""How long a database that does not even refuse may hold a request."""
PATIENCE_SECONDS = 10.0
"""How long one waits for a connection while all are taken; then the person is told to try again."""

_BEFORE_COMMIT = "before_commit"
PATIENCE: Mapping[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "tcp_user_timeout": 10_000,
}
"""For connections that listen: a server that has vanished without a word is given up within seconds (TCP only; unix
sockets know at once)."""

_AFTER_COMMIT = "after_commit"
_USED_AT = "used_at"
log = logging.getLogger(__name__)


def new_id() -> UUID:
    """Make a time-ordered identifier (RFC 9562, version 7)."""
    return uuid7()


Id = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]


class Base(DeclarativeBase):
    """Every table of the house; names of constraints follow one convention so that migrations can drop them."""

    metadata = MetaData(naming_convention=NAMING)


def enum_type(enum: type[StrEnum], name: str) -> Enum:
    """Store a `StrEnum` by value as text with a named CHECK; a native type could not lose a value in a migration."""
    return Enum(
        enum,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


class Turns:
    """Lets so many in at once, and the others in the order in which they came."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    def take(self, seconds: float) -> bool:
        """Take a place; say no when none has come free in time."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            called = threading.Event()
            self._waiting.append(called)
        if called.wait(seconds):
            return True
        with self._lock:
            # Called in the very moment of giving up: the place is taken all the same.
            if called.is_set():
                return True
            self._waiting.remove(called)
            return False

    def give(self) -> None:
        """Hand a place to whoever has waited longest; nobody who comes now gets in before."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class FairPool(QueuePool):
    """Hands connections out in the order of asking.

    The library's own gives a connection to whoever comes by when it is returned. Under load somebody then waits half a
    minute while others are served, and the page's line is cut.
    """

    def __init__(self, creator: Callable[[], DBAPIConnection], **options: Any) -> None:
        super().__init__(creator, **options)
        self._turns = Turns(self.size())

    def _do_get(self) -> ConnectionPoolEntry:
        if not self._turns.take(PATIENCE_SECONDS):
            raise PoolExhausted
        try:
            return super()._do_get()
        except BaseException:
            self._turns.give()
            raise

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        try:
            super()._do_return_conn(record)
        finally:
            self._turns.give()


def make_engine(url: str, *, pool_size: int = 20) -> Engine:
    """Open an engine on PostgreSQL; instants come back in UTC whatever the server's time zone is."""
    engine = create_engine(
        url,
        poolclass=FairPool,
        pool_size=pool_size,
        # No more for a moment: each would be a process of the database that starts, forgets its plans and ends.
        max_overflow=0,
        # A failed statement is logged without its values: they are names, numbers and what people wrote.
        hide_parameters=True,
        connect_args={"options": "-c timezone=UTC", "connect_timeout": CONNECT_SECONDS},
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_ask_rested, engine.dialect))
    return engine


def _note_use(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info[_USED_AT] = time.monotonic()


def _ask_rested(
    dialect: Dialect, connection: DBAPIConnection, entry: ConnectionPoolEntry, _user: PoolProxiedConnection
) -> None:
    if time.monotonic() - entry.info.get(_USED_AT, 0.0) < RESTED_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def plain_address(database_url: str) -> str:
    """Turn SQLAlchemy's address into one that psycopg reads itself."""
    return make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Make sessions that keep their objects after commit: what a page shows was read before."""
    return sessionmaker(engine, expire_on_commit=False)


def run(session: Session, statement: Executable, values: Mapping[str, Any]) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement that was built once, past the ORM; what the session holds is written first.

    For what every message and every request asks: building a statement anew and taking it through the ORM costs the
    interpreter four times what sending it and reading the answer does (docs/performance.md).
    """
    session.flush()
    return session.connection().execute(statement, values)


Act = Callable[[], None]
"""What waits for a commit, or for the moment before it."""


def before_commit(session: Session, act: Act) -> None:
    """Keep an act until the entry point commits: the last writes of the transaction, whose locks are then held least.

    A roll-back forgets it.
    """
    session.info.setdefault(_BEFORE_COMMIT, []).append(act)


def after_commit(session: Session, act: Act) -> None:
    """Keep an act (a live push) until the entry point has committed; a roll-back forgets it."""
    session.info.setdefault(_AFTER_COMMIT, []).append(act)


def run_afterwards(acts: Sequence[Act]) -> None:
    """Run what waited for a commit.

    A push that fails is logged and dropped: clients heal by asking for what came after their last number.
    """
    for act in acts:
        try:
            act()
        except Exception:
            log.exception("live push failed after commit")


def commit(session: Session, *, afterwards: Callable[[Sequence[Act]], None] = run_afterwards) -> None:
    """Run what has to be last, commit, then hand over what waited for it. Called by entry points alone."""
    for act in session.info.pop(_BEFORE_COMMIT, []):
        act()
    session.commit()
    if acts := session.info.pop(_AFTER_COMMIT, []):
        afterwards(acts)


def rollback(session: Session) -> None:
    """Undo everything since the last commit and forget what waited for the next."""
    session.rollback()
    session.info.pop(_BEFORE_COMMIT, None)
    session.info.pop(_AFTER_COMMIT, None)


@contextmanager
def transaction(
    sessions: sessionmaker[Session], *, afterwards: Callable[[Sequence[Act]], None] = run_afterwards
) -> Iterator[Session]:
    """Own one transaction: commit at the end, roll back and re-raise at any error.

    What waited for the commit is handed to `afterwards`; without one it runs at once.
    """
    session = sessions()
    try:
        yield session
        commit(session, afterwards=afterwards)
    except BaseException:
        rollback(session)
        raise
    finally:
        session.close()
