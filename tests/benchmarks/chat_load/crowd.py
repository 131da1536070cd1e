"""A crowd of connected clients in one epoll loop: connects, joins, talks, and counts what arrives."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from tests.benchmarks.chat_load import wire

# As many handshakes at once as browsers would open after a short cut of the line; more only wait in the server.
CONNECTING_AT_ONCE = 64
CONNECT_SECONDS = 300.0
CHUNK = 262_144
# A server that has no time to let somebody in says so; the pages come again after about as long.
AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Person:
    """Who connects: the cookie that proves it, and the conversations that the page opens."""

    name: str
    cookie: str
    conversation_ids: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Client:
    """One open line."""

    person: Person
    line: socket.socket
    rest: bytes = b""
    is_upgraded: bool = False
    is_open: bool = True
    joins_open: int = 0


@dataclass(slots=True)
class Dialogue:
    """A conversation in which two people take turns."""

    conversation_id: str
    speakers: tuple[Client, Client]
    turn: int = 0


@dataclass(slots=True)
class Tally:
    """What happened in one phase; times in seconds from when the message was due."""

    sent: int = 0
    refused: int = 0
    lines_cut: int = 0
    ack_seconds: list[float] = field(default_factory=list)
    delivery_seconds: list[float] = field(default_factory=list)


class Crowd:
    """Clients of one server."""

    def __init__(self, port: int, body: str) -> None:
        self.port = port
        self.body = body
        self.clients: list[Client] = []
        self.tally = Tally()
        self.acknowledged = 0
        self.frame_bytes = 0
        """How many bytes the last message was on the line of who heard it."""
        self.connecting_at_once = CONNECTING_AT_ONCE
        self.on_done: Callable[[Dialogue], None] | None = None
        self._poll = select.epoll()
        self._by_line: dict[int, Client] = {}
        self._number = 0
        self._dialogues: dict[int, tuple[float, Dialogue]] = {}
        self._joining: dict[int, tuple[Client, str]] = {}
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._sent_at: dict[int, float] = {}
        self._connecting = 0

    # ── coming and going ──────────────────────────────────────────────────────────────────────────────────────────────

    def connect(self, people: Sequence[Person]) -> list[Client]:
        """Connect people and let them open their conversations; return when the last one has.

        Raises TimeoutError, ConnectionError.
        """
        began, coming = len(self.clients), iter(people)
        deadline = time.perf_counter() + CONNECT_SECONDS
        wanted = began + len(people)
        while len(self.clients) < wanted or self._connecting:
            while self._connecting < self.connecting_at_once and (person := next(coming, None)) is not None:
                self._dial(person)
            self.listen(0.1)
            self._come_again()
            if time.perf_counter() > deadline:
                message = f"{self._connecting} of {len(people)} clients did not get in"
                raise TimeoutError(message)
        return self.clients[began:]

    def _dial(self, person: Person) -> None:
        client = Client(person, self._knock(person))
        self.clients.append(client)
        self._connecting += 1
        self._heed(client)

    def _knock(self, person: Person) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self.port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.send(wire.handshake(self.port, person.cookie))
        line.settimeout(0)
        return line

    def _heed(self, client: Client) -> None:
        self._by_line[client.line.fileno()] = client
        self._poll.register(client.line, select.EPOLLIN)

    def _knock_again(self, client: Client) -> None:
        client.line, client.rest, client.is_upgraded, client.is_open = self._knock(client.person), b"", False, True
        self._heed(client)

    def _come_again(self) -> None:
        """Do what was put off when the server had no time."""
        now = time.perf_counter()
        due = [act for at, act in self._later if at <= now]
        self._later = [(at, act) for at, act in self._later if at > now]
        for act in due:
            act()

    def _put_off(self, act: Callable[[], None]) -> None:
        self._later.append((time.perf_counter() + AGAIN_SECONDS, act))

    def leave(self, count: int) -> None:
        """Cut the lines of the last clients."""
        for client in self.clients[len(self.clients) - count :]:
            if client.is_open:
                self._close(client)
        del self.clients[len(self.clients) - count :]

    def _close(self, client: Client) -> None:
        client.is_open = False
        self._poll.unregister(client.line)
        del self._by_line[client.line.fileno()]
        client.line.close()

    # ── talking ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def say(self, dialogue: Dialogue, due: float) -> None:
        """Send the next message of a dialogue, the other one's turn each time."""
        client = dialogue.speakers[dialogue.turn]
        dialogue.turn ^= 1
        if not client.is_open:
            return
        self._number = number = self._number + 1
        self._dialogues[number] = (due, dialogue)
        self._sent_at[number] = due
        self.tally.sent += 1
        payload = {
            "conversation_id": dialogue.conversation_id,
            "client_id": wire.client_id(number),
            "body": self.body,
        }
        client.line.send(wire.command(number, "message:send", payload))

    @property
    def unanswered(self) -> int:
        """How many messages have no acknowledgement yet."""
        return len(self._dialogues)

    def start_phase(self) -> Tally:
        """Count anew."""
        self.tally = Tally()
        self._sent_at.clear()
        return self.tally

    # ── listening ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def listen(self, seconds: float) -> None:
        """Take in what has arrived; wait for it as long as given."""
        for number, _events in self._poll.poll(seconds):
            client = self._by_line[number]
            try:
                self._take(client, client.line.recv(CHUNK))
            except (wire.LineCut, ConnectionResetError):
                if self._connecting:
                    raise
                # An overloaded server loses lines; the load goes on without them and the result says how many.
                self.tally.lines_cut += 1
                self._close(client)

    def swallow(self, seconds: float) -> int:
        """Take in what has arrived without looking at it, and say how many bytes that were."""
        return sum(len(self._by_line[number].line.recv(CHUNK)) for number, _events in self._poll.poll(seconds))

    def _take(self, client: Client, data: bytes) -> None:
        if not data:
            raise wire.LineCut
        data = client.rest + data if client.rest else data
        if not client.is_upgraded:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                client.rest = head
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                raise ConnectionError(head.decode())
            client.is_upgraded = True
        end = 0
        for packet, place in wire.split(data):
            end = place
            self._read(client, packet)
            if client.line.fileno() not in self._by_line:
                return  # turned away: what follows is the goodbye
        client.rest = data[end:]

    def _read(self, client: Client, packet: bytes) -> None:
        if packet.startswith(wire.EVENT_NEW):
            self.frame_bytes = wire.size_of(packet)
            due = self._sent_at.get(wire.number_in(packet))
            if due is not None:
                self.tally.delivery_seconds.append(time.perf_counter() - due)
        elif packet.startswith(wire.ACKNOWLEDGED):
            self._take_answer(packet)
        elif packet.startswith(wire.EVENT_PING):
            client.line.send(wire.beat())
        elif packet == wire.PING:
            client.line.send(wire.frame(wire.PONG))
        elif packet.startswith(wire.OPENED):
            client.line.send(wire.connect(client.person.name))
        elif packet.startswith(wire.CONNECTED):
            self._join(client)
        elif packet.startswith(wire.REFUSED):
            self._turned_away(client, packet)

    def _turned_away(self, client: Client, packet: bytes) -> None:
        if wire.TRY_AGAIN not in packet:
            raise ConnectionError(packet.decode())
        self._close(client)
        self._put_off(partial(self._knock_again, client))

    def _join(self, client: Client) -> None:
        client.joins_open = len(client.person.conversation_ids)
        for conversation_id in client.person.conversation_ids:
            self._open(client, conversation_id)
        if not client.joins_open:
            self._connecting -= 1

    def _open(self, client: Client, conversation_id: str) -> None:
        self._number += 1
        self._joining[self._number] = client, conversation_id
        payload = {"conversation_id": conversation_id, "after": 0}
        client.line.send(wire.command(self._number, "conversation:join", payload))

    def _joined(self, number: int, packet: bytes, *, is_done: bool) -> None:
        client, conversation_id = self._joining.pop(number)
        if is_done:
            client.joins_open -= 1
            self._connecting -= not client.joins_open
        elif wire.TRY_AGAIN in packet:
            self._put_off(partial(self._open, client, conversation_id))
        else:
            raise ConnectionError(packet.decode())

    def _take_answer(self, packet: bytes) -> None:
        number, is_done = wire.acknowledged(packet)
        if number in self._joining:
            self._joined(number, packet, is_done=is_done)
            return
        due, dialogue = self._dialogues.pop(number)
        self.tally.ack_seconds.append(time.perf_counter() - due)
        self.tally.refused += not is_done
        self.acknowledged += is_done
        if self.on_done is not None:
            self.on_done(dialogue)
