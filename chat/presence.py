"""Who is connected: a heartbeat every five seconds, gone after fifteen without one.

Kept in Redis, which may be lost: then nobody knows, and `connected` says so instead of guessing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from registry_core.store import Redis, RedisError

KEY = "presence"
GONE_AFTER = timedelta(seconds=15)
"""How long after the last heartbeat somebody counts as gone, unless the house sets another time."""

_gone_after = [GONE_AFTER]


def install_gone_after(silence: timedelta) -> None:
    """Lay down how long after the last heartbeat somebody counts as gone (`DESK_PRESENCE_SECONDS`)."""
    _gone_after[:] = [silence]


class Presence:
    """The heartbeats of connected accounts."""

    def __init__(self, store: Redis, *, gone_after: timedelta | None = None) -> None:
        self._store = store
        self.gone_after = gone_after or _gone_after[0]

    def beat(self, account_id: UUID, at: datetime) -> bool:
        """Note a heartbeat; say whether the account had been gone before it. Redis lost: say no."""
        try:
            with self._store.pipeline(transaction=False) as together:
                together.zscore(KEY, str(account_id))
                together.zadd(KEY, {str(account_id): at.timestamp()})
                before, _added = together.execute()
        except RedisError:
            return False
        return before is None or before <= (at - self.gone_after).timestamp()

    def prolong(self, account_ids: Iterable[UUID], at: datetime) -> frozenset[UUID]:
        """Note a heartbeat of all who had not been gone before it, and name them. Redis lost: nobody had been gone."""
        wanted = list(account_ids)
        oldest = (at - self.gone_after).timestamp()
        try:
            scores = self._store.zmscore(KEY, [str(account_id) for account_id in wanted])
            here = frozenset(one for one, score in zip(wanted, scores, strict=True) if score and score > oldest)
            if here:
                self._store.zadd(KEY, {str(account_id): at.timestamp() for account_id in here})
        except RedisError:
            return frozenset(wanted)
        return here

    def leave(self, account_id: UUID) -> None:
        """Note that an account closed its last page; Redis lost: the heartbeat runs out by itself."""
        try:
            self._store.zrem(KEY, str(account_id))
        except RedisError:
            return

    def everybody(self, at: datetime) -> frozenset[UUID] | None:
        """Name all who are connected; None where Redis does not answer."""
        oldest = (at - self.gone_after).timestamp()
        try:
            # The bracket leaves out who was last heard of exactly then.
            return frozenset(UUID(str(name)) for name in self._store.zrangebyscore(KEY, f"({oldest!r}", "+inf"))
        except RedisError:
            return None

    def is_known(self) -> bool:
        """Say whether anybody knows who is connected: Redis answers."""
        try:
            return bool(self._store.ping())
        except RedisError:
            return False

    def connected(self, account_ids: Iterable[UUID], at: datetime) -> frozenset[UUID] | None:
        """Name those of the accounts that are connected; None where Redis does not answer."""
        wanted = list(account_ids)
        if not wanted:
            return frozenset()
        try:
            scores = self._store.zmscore(KEY, [str(account_id) for account_id in wanted])
        except RedisError:
            return None
        oldest = (at - self.gone_after).timestamp()
        return frozenset(
            account_id for account_id, score in zip(wanted, scores, strict=True) if score is not None and score > oldest
        )
