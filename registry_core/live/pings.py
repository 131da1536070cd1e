"""One timer for the pings of all clients; Engine.IO's own sleeps in a greenlet for each, which costs 9 KB a client."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gevent
from engineio.async_drivers.gevent import Thread
from engineio.packet import PING, Packet
from engineio.socket import Socket

log = logging.getLogger(__name__)


class Pings:
    """Whose ping is due when. All wait equally long, so who came first is due first."""

    def __init__(self) -> None:
        self._due: deque[tuple[float, Any]] = deque()
        self._is_running = False

    def add(self, client: Any) -> None:
        """Ping a client after its server's interval."""
        self._due.append((time.monotonic() + client.server.ping_interval, client))
        if not self._is_running:
            self._is_running = True
            gevent.spawn(self._run)

    def _run(self) -> None:
        while self._due:
            at, client = self._due[0]
            gevent.sleep(max(0.0, at - time.monotonic()))
            self._due.popleft()
            if not client.closing and not client.closed:
                _ping(client)
        self._is_running = False

    def task(
        self, target: Callable[..., Any], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Make the task that Engine.IO asks for; for a sleeping ping, one that only joins the queue."""
        if getattr(target, "__func__", None) is Socket._send_ping:  # noqa: SLF001 - not public: pinned, and tested
            return _Joining(self, target.__self__)  # type: ignore[attr-defined]  # it is a method: see the line above
        return Thread(target, args, kwargs or {})


def stay_alive(server: Any, sid: str) -> None:
    """Begin anew to wait for the answer to a ping: it may lie behind commands of the client that had to wait."""
    members = server.manager.rooms.get("/", {}).get(None, {})
    client = server.eio.sockets.get(members.get(sid))
    if client is not None and client.last_ping:
        client.last_ping = time.time()


class _Joining:
    """Stands where Engine.IO expects a thread."""

    __slots__ = ("_client", "_pings")

    def __init__(self, pings: Pings, client: Any) -> None:
        self._pings = pings
        self._client = client

    def start(self) -> None:
        """Join the queue."""
        self._pings.add(self._client)


def _ping(client: Any) -> None:
    client.last_ping = time.time()
    try:
        client.send(Packet(PING))
    except Exception:
        # One client must not end the pings of all.
        log.exception("ping failed")
