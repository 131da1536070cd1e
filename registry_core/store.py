"""Redis (Valkey): holds only what may be lost: presence, rate limits, wake-ups, the Socket.IO queue."""

from __future__ import annotations

from redis import Redis
from redis.exceptions import RedisError

__all__ = ["Redis", "RedisError", "make_store"]


def make_store(url: str) -> Redis:
    """Open a client (redis:// or unix://) that gives up after one second: nobody waits long for what may be lost."""
    return Redis.from_url(url, decode_responses=True, socket_timeout=1.0, socket_connect_timeout=1.0)
