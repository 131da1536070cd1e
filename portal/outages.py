"""What an exception of the database driver means to the entry points."""

from __future__ import annotations

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

DATABASE_AWAY = (OperationalError, InterfaceError, PoolExhausted)
"""The server does not answer, or every connection is taken: the same step may work in a moment."""
