"""Rate limits on failed sign-ins by address and by user name, in Redis; without it the lock of the account remains."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
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
    """The limiter on our own connections; where Redis is down it stays open and is not asked again for this attempt."""

    def __init__(self, store: Redis) -> None:
        self.limiter = FixedWindowRateLimiter(RedisStorage("redis://", connection_pool=store.connection_pool))
        self.is_lost = False

    def require_room(self, item: RateLimitItem, key: str, refusal: type[DomainError]) -> None:
        if not self._ask(lambda: self.limiter.test(item, key)):
            raise refusal

    def count(self, item: RateLimitItem, key: str) -> None:
        self._ask(lambda: self.limiter.hit(item, key))

    def forget(self, item: RateLimitItem, key: str) -> None:
        self._ask(lambda: self.limiter.clear(item, key))

    def _ask(self, question: Callable[[], bool | None]) -> bool:
        if self.is_lost:
            return True
        try:
            return question() is not False
        except RedisError:
            log.warning("rate limit of sign-in is open: Redis does not answer")
            self.is_lost = True
            return True
