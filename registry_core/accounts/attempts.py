"""Rate limits on failed sign-ins by address and by user name, in Redis; without it the lock of the account remains."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter

from registry_core.accounts.errors import SignInPaused, TooManyAttempts, WrongPassword
from registry_core.errors import DomainError
from registry_core.store import Redis, RedisError

# A county office shares one address, so an address may fail far more often than one name.
BY_ADDRESS = RateLimitItemPerMinute(60, 5, namespace="sign-in-address")
BY_NAME = RateLimitItemPerMinute(10, 15, namespace="sign-in-name")

log = logging.getLogger(__name__)


@contextmanager
def limited(store: Redis, *, address: str, user_name: str) -> Iterator[None]:
    """Refuse a sign-in where too many have failed before, and count this one if it fails too.

    Unknown names are paused just like known ones, so that a pause does not tell which names exist.
    Raises TooManyAttempts, SignInPaused.
    """
    limits = _Limits(store)
    limits.require_room(BY_ADDRESS, address, TooManyAttempts)
    limits.require_room(BY_NAME, user_name.lower(), SignInPaused)
    try:
        yield
    except WrongPassword:
        limits.count(BY_ADDRESS, address)
        limits.count(BY_NAME, user_name.lower())
        raise
    limits.forget(BY_NAME, user_name.lower())


class _Limits:
    """The limiter on our own connections; open where Redis is down, with a line in the log."""

    def __init__(self, store: Redis) -> None:
        self.limiter = FixedWindowRateLimiter(RedisStorage("redis://", connection_pool=store.connection_pool))

    def require_room(self, item: RateLimitItem, key: str, refusal: type[DomainError]) -> None:
        try:
            has_room = self.limiter.test(item, key)
        except RedisError:
            log.warning("rate limit of sign-in is open: Redis does not answer")
            return
        if not has_room:
            raise refusal

    def count(self, item: RateLimitItem, key: str) -> None:
        try:
            self.limiter.hit(item, key)
        except RedisError:
            log.warning("failed sign-in not counted: Redis does not answer")

    def forget(self, item: RateLimitItem, key: str) -> None:
        try:
            self.limiter.clear(item, key)
        except RedisError:
            log.warning("failed sign-ins not forgotten: Redis does not answer")
