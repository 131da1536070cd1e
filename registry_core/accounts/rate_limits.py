"""How often one address may knock at the public pages, in Redis; without it the counts in the database remain."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter

from registry_core.accounts.errors import CountedRefusal, TooManyAttempts
from registry_core.store import Redis, RedisError

# A county office shares one address, so an address may fail far more often than one name.
SIGN_IN = RateLimitItemPerMinute(60, 5, namespace="sign-in-address")
RESET = RateLimitItemPerHour(20, namespace="reset-address")
REGISTER = RateLimitItemPerHour(20, namespace="register-address")
ASK_AT_DOOR = RateLimitItemPerHour(10, namespace="ask-at-door-address")
FIND_UNITS = RateLimitItemPerMinute(240, namespace="find-units-address")

log = logging.getLogger(__name__)


@contextmanager
def limited(store: Redis, *, address: str) -> Iterator[None]:
    """Refuse an address from which too many attempts have failed, and count this one if it fails too.

    Raises TooManyAttempts.
    """
    limits = _Limits(store)
    limits.require_room(SIGN_IN, address)
    try:
        yield
    except CountedRefusal:
        limits.count(SIGN_IN, address)
        raise


def count_request(store: Redis, item: RateLimitItem, *, address: str) -> None:
    """Count a request that costs others something (a mail, somebody's time), and refuse it where it is one too many.

    Raises TooManyAttempts.
    """
    limits = _Limits(store)
    limits.require_room(item, address)
    limits.count(item, address)


class _Limits:
    """The limiter on our own connections; where Redis is down it stays open and is not asked again for this attempt."""

    def __init__(self, store: Redis) -> None:
        self.limiter = FixedWindowRateLimiter(RedisStorage("redis://", connection_pool=store.connection_pool))
        self.is_lost = False

    def require_room(self, item: RateLimitItem, key: str) -> None:
        if not self._ask(lambda: self.limiter.test(item, key)):
            raise TooManyAttempts

    def count(self, item: RateLimitItem, key: str) -> None:
        self._ask(lambda: self.limiter.hit(item, key))

    def _ask(self, question: Callable[[], bool | None]) -> bool:
        if self.is_lost:
            return True
        try:
            return question() is not False
        except RedisError:
            log.warning("rate limit of an address is open: Redis does not answer")
            self.is_lost = True
            return True
