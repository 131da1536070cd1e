"""How web processes and the worker pass pushes to one another: Redis publish and subscribe under Socket.IO's manager.

The library's own `RedisManager` waits for a lost Redis at every push and retries up to a minute apart. What goes
through here may be lost, so a push rests for a few seconds after a failure, and the listener is back within one second.
In a web process nobody waits for Redis at all: one task hands over what has gathered, in order.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from socketio import PubSubManager

from portal.reached import HINT, MESSAGE_CHANGED, MESSAGE_NEW, Reached
from registry_core.live.manager import DirectManager
from registry_core.store import RedisError

CHANNEL = "socketio"  # the library's own default: `socketio.RedisManager` of other processes meets us here
COUNTED = frozenset({MESSAGE_NEW, MESSAGE_CHANGED, HINT})
REST_SECONDS = 3.0
RETRY_SECONDS = 1.0
LISTEN_SECONDS = 5.0
AT_ONCE = 64
WAITING_AT_MOST = 10_000

log = logging.getLogger(__name__)


class LiveQueue(PubSubManager, DirectManager):  # type: ignore[misc]  # socketio comes without types
    """Rooms of this process, joined to those of the others through Redis for as long as Redis answers.

    What the library's manager hands to "the manager below" goes to the direct one, by the order of the bases.
    """

    name = "live-queue"

    def __init__(self, url: str) -> None:
        super().__init__(channel=CHANNEL)
        options = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0, "retry": Retry(NoBackoff(), 0)}
        self._sender = Redis.from_url(url, **options)
        self._listener = Redis.from_url(url, **options, health_check_interval=LISTEN_SECONDS)
        self._rests_until = 0.0
        self._outgoing: Any = None
        self.reached = Reached()
        """What has reached the pages of this process (`portal.missed`)."""

    def initialize(self) -> None:
        """Start what runs beside a web process: the listener, and the task that hands pushes over."""
        self._outgoing = self.server.eio.create_queue()
        super().initialize()
        self.server.start_background_task(self._hand_over)

    def close(self) -> None:
        """Give the connections back."""
        self._sender.close()
        self._listener.close()

    def _handle_emit(self, message: Mapping[str, Any]) -> None:
        """Push to the pages of this process what was said here or came from another one."""
        event = message["event"]
        if event in COUNTED:
            room = message.get("room")
            self.reached.note(event, message["data"][0], room, is_here=room in self.rooms.get("/", ()))
        super()._handle_emit(message)

    def _publish(self, data: Mapping[str, Any]) -> None:
        """Hand a push to the other processes; this one has delivered its own already."""
        if time.monotonic() < self._rests_until:
            return
        if self._outgoing is None:
            self._send([data])
        elif self._outgoing.qsize() < WAITING_AT_MOST:
            self._outgoing.put(data)

    def _hand_over(self) -> None:
        """Publish what has gathered since the last round trip in one, for ever."""
        while True:
            pushes = [self._outgoing.get()]
            while len(pushes) < AT_ONCE and not self._outgoing.empty():
                pushes.append(self._outgoing.get())
            if time.monotonic() >= self._rests_until:
                self._send(pushes)

    def _send(self, pushes: Sequence[Mapping[str, Any]]) -> None:
        try:
            with self._sender.pipeline(transaction=False) as together:
                for data in pushes:
                    together.publish(self.channel, self.json.dumps(data))
                together.execute()
        except RedisError:
            self._rests_until = time.monotonic() + REST_SECONDS
            log.warning("push stays in this process: Redis does not answer")

    def _listen(self) -> Iterator[bytes]:
        """Yield what other processes push, for ever."""
        is_lost = False
        while True:
            try:
                for data in self._subscription():
                    if is_lost:
                        log.warning("pushes of other processes come in again")
                        is_lost = False
                    if data is not None:
                        yield data
            except RedisError:
                if not is_lost:
                    log.warning("pushes of other processes do not come in: Redis does not answer")
                is_lost = True
                time.sleep(RETRY_SECONDS)

    def _subscription(self) -> Iterator[bytes | None]:
        with self._listener.pubsub() as pubsub:  # type: ignore[no-untyped-call]  # redis left this one out
            pubsub.subscribe(self.channel)
            while True:
                message = pubsub.get_message(timeout=LISTEN_SECONDS)
                yield message["data"] if message and message["type"] == "message" else None
