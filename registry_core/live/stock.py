"""The library's own WebSocket with bounds: what comes in may neither be endless nor pile up unread.

It reads in a task of its own whatever the other side sends; a client whose commands have to wait would fill the memory.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI, simple_websocket

UNREAD_AT_MOST = 64
"""Messages of one client that may lie here before nothing more is read from it."""
LOOK_SECONDS = 0.02


class BoundedReader(simple_websocket.Server):  # type: ignore[misc]  # as engineio, it comes without types
    """Reads on only once what was read has been taken."""

    def _handle_events(self) -> bool:
        goes_on = bool(super()._handle_events())
        while goes_on and self.connected and len(self.input_buffer) > UNREAD_AT_MOST:
            time.sleep(LOOK_SECONDS)
        return goes_on


class BoundedConnection(SimpleWebSocketWSGI):  # type: ignore[misc]  # engineio comes without types
    """What Engine.IO opens for a client, with such a reader."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Serve the connection until it ends."""
        del start_response
        self.ws = BoundedReader(environ, **self.server_args)
        answer = self.app(self)
        if self.ws.mode == "werkzeug":
            raise ConnectionError  # as the library does: that server would else answer once more
        return answer
