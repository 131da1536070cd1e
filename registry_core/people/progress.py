"""How far the opening of a batch has come, for the page that waits: in Redis, since it may be lost.

The worker writes it while its transaction is under way, so it cannot stand in a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from registry_core.store import Redis, RedisError

KEPT_SECONDS = 3600
_stores: list[Redis] = []


@dataclass(frozen=True, slots=True)
class Progress:
    """How many people of a batch are done."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        """How much of it is done, of 100."""
        return 100 * self.done // max(self.total, 1)


def install_progress(store: Redis) -> None:
    """Lay down where the worker notes how far it has come; without it nothing is noted."""
    _stores[:] = [store]


class Gauge:
    """Notes how far one batch has come; Redis that does not answer is not asked again."""

    def __init__(self, batch_id: UUID, total: int) -> None:
        self._key = _key(batch_id)
        self._total = total
        self._stores = list(_stores)

    def note(self, done: int) -> None:
        """Note how many are done."""
        for store in self._stores:
            try:
                store.set(self._key, f"{done}/{self._total}", ex=KEPT_SECONDS)
            except RedisError:
                self._stores = []


def read_progress(store: Redis, batch_id: UUID) -> Progress | None:
    """Read how far a batch has come; None while nothing is known of it."""
    try:
        noted = store.get(_key(batch_id))
    except RedisError:
        return None
    done, _of, total = str(noted or "").partition("/")
    return Progress(int(done), int(total)) if total else None


def _key(batch_id: UUID) -> str:
    return f"batch:{batch_id}"
