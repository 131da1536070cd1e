"""The worker's pushes reach Redis in Socket.IO's own form, and never wait for it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from portal.live_queue import CHANNEL
from portal.servers.valkey import Valkey
from portal.worker.push import WAITING_AT_MOST, Pusher
from registry_core.store import Redis
from tests.portal.worker.conftest import wait_for


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path)
    server.program.start()
    server.wait_until_ready()
    yield server
    server.program.stop()


def test_a_push_comes_out_as_a_web_process_reads_it(valkey: Valkey) -> None:
    pusher = Pusher(valkey.url)
    with Listener(valkey) as listener:
        pusher.emit("notices:changed", {"number": 1}, "account:1", None)
        [message] = listener.hear(1)
    assert (message["method"], message["event"]) == ("emit", "notices:changed")
    assert (message["room"], message["data"], message["namespace"]) == ("account:1", [{"number": 1}], "/")


def test_pushing_does_not_wait_while_redis_is_away_and_goes_on_when_it_is_back(valkey: Valkey) -> None:
    pusher = Pusher(valkey.url)
    valkey.program.stop()
    began = time.monotonic()
    for number in range(2 * WAITING_AT_MOST):
        pusher.emit("queue:changed", {"number": number}, "desk:1", None)
    assert time.monotonic() - began < 0.5
    pusher.drain(5)
    valkey.program.start()
    valkey.wait_until_ready()
    with Listener(valkey) as listener:

        def comes_through() -> bool:
            pusher.emit("queue:changed", {}, "desk:1", None)
            return bool(listener.hear(1, seconds=0.2))

        wait_for(comes_through)


def test_what_was_pushed_last_goes_out_before_the_worker_leaves(valkey: Valkey) -> None:
    pusher = Pusher(valkey.url)
    with Listener(valkey) as listener:
        for number in range(100):
            pusher.emit("queue:changed", {"number": number}, "desk:1", None)
        pusher.drain(5)
        heard = listener.hear(100)
    assert [message["data"][0]["number"] for message in heard] == list(range(100))


class Listener:
    """Hears what web processes would hear."""

    def __init__(self, server: Valkey) -> None:
        self._client = Redis.from_url(server.url)

    def __enter__(self) -> Self:
        self._pubsub = self._client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]  # as redis is
        self._pubsub.subscribe(CHANNEL)
        self._pubsub.get_message(timeout=1)
        return self

    def __exit__(self, *_: object) -> None:
        self._pubsub.close()
        self._client.close()

    def hear(self, count: int, seconds: float = 5.0) -> list[dict[str, Any]]:
        deadline = time.monotonic() + seconds
        heard: list[dict[str, Any]] = []
        while len(heard) < count and time.monotonic() < deadline:
            message = self._pubsub.get_message(timeout=0.1)
            if message is not None:
                heard.append(json.loads(message["data"]))
        return heard
