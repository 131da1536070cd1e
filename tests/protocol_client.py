"""A small client of the live line, written from docs/protocol.md alone; nothing of the product is imported here."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from socket import SO_SNDBUF, SOL_SOCKET
from types import TracebackType
from typing import Any, Self

from websocket import ABNF, WebSocket, WebSocketTimeoutException, create_connection

PATIENCE_SECONDS = 20.0
AGAIN = frozenset({"too_fast", "try_again"})
AGAIN_SECONDS = 1.0


class LineRefused(Exception):
    """The house did not let the line in; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class Line:
    """One line: commands with their acknowledgements, and the events heard meanwhile."""

    def __init__(self, address: str, cookie: str) -> None:
        self._socket: WebSocket = create_connection(
            f"{address.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket",
            cookie=cookie,
            origin=address,
            timeout=PATIENCE_SECONDS,
        )
        self.events: list[tuple[str, Any]] = []
        self._answers: dict[int, dict[str, Any]] = {}
        self._number = 0
        self._socket.recv()  # Engine.IO says how often it pings
        self._socket.send("40")
        while not (greeting := str(self._socket.recv())).startswith(("40", "44")):
            self._take(greeting)  # an event may be pushed before the greeting
        if not greeting.startswith("40"):
            self.close()
            refusal = json.loads(greeting[2:])["data"]
            raise LineRefused(refusal["code"], refusal["message"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Cut the line."""
        self._socket.close()

    def narrow(self, *, send_buffer: int, seconds: float) -> None:
        """Let the system keep few bytes that the house has not taken, and wait no longer than this for anything."""
        assert self._socket.sock is not None
        self._socket.sock.setsockopt(SOL_SOCKET, SO_SNDBUF, send_buffer)
        self._socket.settimeout(seconds)

    # ── commands ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def call(self, name: str, *payload: Any) -> dict[str, Any]:
        """Send a command and wait for its acknowledgement."""
        return self.answer(self.send(name, *payload))

    def ask(self, name: str, *payload: Any) -> dict[str, Any]:
        """Send a command, and once more for as long as the house asks for that."""
        while True:
            answer = self.call(name, *payload)
            error = answer.get("error", {})
            if error.get("code") not in AGAIN:
                return answer
            time.sleep(error.get("retry_after", AGAIN_SECONDS))

    def send(self, name: str, *payload: Any) -> int:
        """Send a command and return the number under which it will be acknowledged."""
        self._number += 1
        self._socket.send(f"42{self._number}{json.dumps([name, *payload])}")
        return self._number

    def send_binary(self, name: str, payload: dict[str, Any], attachment: bytes) -> int:
        """Send a command one field of which, `{"_placeholder": true, "num": 0}`, stands for bytes that follow."""
        self._number += 1
        self._socket.send(f"451-{self._number}{json.dumps([name, payload])}")
        self._socket.send(attachment, ABNF.OPCODE_BINARY)
        return self._number

    def answer(self, number: int) -> dict[str, Any]:
        """Wait for one acknowledgement; what comes before it is kept."""
        while number not in self._answers:
            self._take(str(self._socket.recv()))
        return self._answers.pop(number)

    # ── events ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def hear(self, name: str) -> Any:
        """Wait for an event and return what it carries."""
        while True:
            for place, (heard, payload) in enumerate(self.events):
                if heard == name:
                    del self.events[place]
                    return payload
            self._take(str(self._socket.recv()))

    def heard(self, name: str, seconds: float = 0.5) -> list[Any]:
        """Listen for a while and return what all events of a name carried."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                self._take(str(self._socket.recv()))
            except WebSocketTimeoutException:
                break
        self._socket.settimeout(PATIENCE_SECONDS)
        return [payload for heard, payload in self.events if heard == name]

    def _take(self, packet: str) -> None:
        if packet == "2":
            self._socket.send("3")
        elif packet.startswith("43"):
            start = packet.index("[")
            self._answers[int(packet[2:start])] = json.loads(packet[start:])[0]
        elif packet.startswith("42"):
            name, payload = json.loads(packet[2:])
            self.events.append((name, payload))
            if name == "presence:ping":
                self.send("presence:beat", {})


@dataclass
class Inbox:
    """All conversations of a person as a client keeps them, by the one cursor."""

    cursor: str = ""
    conversations: dict[str, dict[str, Any]] = field(default_factory=dict)
    with_unread: int = 0
    must_reload: bool = False

    def catch_up(self, line: Line) -> list[str]:
        """Ask what has changed since the last time; name the conversations that were told."""
        answer = line.ask("conversations:sync", {"cursor": self.cursor})
        self.cursor, self.with_unread, self.must_reload = answer["cursor"], answer["with_unread"], answer["reload"]
        for news in answer["conversations"]:
            if news["is_gone"]:
                self.conversations.pop(news["conversation_id"], None)
            else:
                self.conversations[news["conversation_id"]] = news
        return [news["conversation_id"] for news in answer["conversations"]]


@dataclass
class Talk:
    """One conversation as a client keeps it: what it has without a gap, by the rules for coming back."""

    conversation_id: str
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def whole_up_to(self) -> int:
        """The number up to which nothing is missing."""
        number = 0
        while number + 1 in self.messages:
            number += 1
        return number

    @property
    def bodies(self) -> list[str]:
        """What was said, in order."""
        return [self.messages[number]["body"] for number in sorted(self.messages)]

    def take(self, message: dict[str, Any]) -> None:
        """Keep a message that came in whatever way; one that is known already changes nothing."""
        self.messages.setdefault(message["number"], message)

    def catch_up(self, line: Line) -> dict[str, Any]:
        """Join on a line and ask until nothing is missing; return what joining answered."""
        joined = page = line.ask(
            "conversation:join", {"conversation_id": self.conversation_id, "after": self.whole_up_to}
        )
        while True:
            for message in page["messages"]:
                self.take(message)
            if not page["more"]:
                return joined
            after = page["messages"][-1]["number"]
            page = line.ask("message:sync", {"conversation_id": self.conversation_id, "after": after})
