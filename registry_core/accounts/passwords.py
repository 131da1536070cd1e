"""Hashing of passwords: argon2id, with its parameters in this one place."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

Answer = TypeVar("Answer")

# The OWASP minimum for argon2id (19 MiB, two passes, one lane): about 25 ms on the reference machine. More memory would
# let a morning of a thousand people signing in at once stand in line.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

_runners: list[Callable[[Callable[[], str | bool]], str | bool]] = []


def install_runner(run: Callable[[Callable[[], str | bool]], str | bool]) -> None:
    """Lay down where hashing runs: the web process hands it to a thread, or one sign-in would stop every socket."""
    _runners[:] = [run]


def _run(work: Callable[[], str | bool]) -> str | bool:
    return _runners[0](work) if _runners else work()


def hash_password(password: str) -> str:
    """Hash a password for storage."""
    return str(_run(lambda: _hasher.hash(password)))


def verify(password_hash: str, password: str) -> bool:
    """Say whether a password belongs to a hash."""
    return bool(_run(lambda: _verify(password_hash, password)))


def verify_nobody(password: str) -> None:
    """Spend the time of a real check, so that an unknown user name answers no faster than a known one."""
    verify(_nobody, password)


def is_outdated(password_hash: str) -> bool:
    """Say whether a hash was made with other parameters and should be made again at the next sign-in."""
    return _hasher.check_needs_rehash(password_hash)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


_nobody = _hasher.hash(secrets.token_urlsafe())
