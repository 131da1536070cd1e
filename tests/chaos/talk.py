"""One conversation as a client of the chaos run keeps it, by the rules of docs/protocol.md."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.checker import Changed, Said, Written


@dataclass(slots=True)
class Letter:
    """A message on its way."""

    client_id: str
    body: str
    tries: int = 0
    number: int | None = None
    is_taken_back: bool = False


@dataclass(slots=True)
class Act:
    """A change of one's own message on its way: another text, or none where it is taken back."""

    letter: Letter
    body: str | None
    tries: int = 0
    change: int | None = None
    is_refused: bool = False


@dataclass(slots=True, eq=False)
class Talk:
    """What a client has of a conversation without a gap, and what of its own is not yet safe."""

    conversation_id: str
    may_write: bool = True
    whole: list[Said] = field(default_factory=list)
    ahead: dict[int, Said] = field(default_factory=dict)
    changes: int = 0
    """The change up to which it knows all."""
    seen_change: int = 0
    """The highest change that it was told of."""
    written: list[Letter] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    unsent: deque[Letter | Act] = field(default_factory=deque)
    something_to_send: asyncio.Event = field(default_factory=asyncio.Event)
    told_otherwise: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is known to be missing."""
        return not self.ahead and self.changes >= self.seen_change

    @property
    def extent(self) -> tuple[int, int]:
        """Up to which message and which change it knows all."""
        return len(self.whole), self.changes

    @property
    def asked(self) -> dict[str, Any]:
        """What asks for the rest."""
        return {"conversation_id": self.conversation_id, "after": len(self.whole), "changes_after": self.changes}

    def take(self, message: Mapping[str, Any]) -> None:
        """Keep a message that came in whatever way: new, or changed since; otherwise it has to be what is known."""
        said = said_in(message)
        if said.number <= len(self.whole):
            self.whole[said.number - 1] = self._later(self.whole[said.number - 1], said)
            return
        self.ahead[said.number] = self._later(self.ahead.get(said.number, said), said)
        while (following := self.ahead.pop(len(self.whole) + 1, None)) is not None:
            self.whole.append(following)

    def take_change(self, message: Mapping[str, Any]) -> None:
        """Keep a message that was changed; a change before it may be missing."""
        self.take(message)
        self.seen_change = max(self.seen_change, message["change"])
        if message["change"] == self.changes + 1:
            self.changes += 1

    def take_page(self, page: Mapping[str, Any]) -> bool:
        """Keep what an answer carries; say whether there is more to ask for."""
        for message in (*page["messages"], *page["changes"]):
            self.take(message)
        known = page["changes"][-1]["change"] if page["more_changes"] else page["last_change"]
        self.changes = max(self.changes, known)
        return bool(page["more"] or page["more_changes"])

    def _later(self, known: Said, said: Said) -> Said:
        if said.change == known.change:
            self.told_otherwise += known != said
        return said if said.change > known.change else known

    def write(self, letter: Letter) -> None:
        """Put a message among those to be sent."""
        self.written.append(letter)
        self._put(letter)

    def alter(self, act: Act) -> None:
        """Put a change of one's own message among what is to be sent."""
        act.letter.is_taken_back = act.body is None
        self.acts.append(act)
        self._put(act)

    def _put(self, what: Letter | Act) -> None:
        self.unsent.append(what)
        self.something_to_send.set()

    def testify(self) -> Iterator[Written]:
        """Say what was written here."""
        for letter in self.written:
            yield Written(self.conversation_id, letter.client_id, letter.body, letter.number)

    def testify_changes(self) -> Iterator[Changed]:
        """Say what was changed here."""
        for act in self.acts:
            yield Changed(
                self.conversation_id, act.letter.client_id, act.body or "", act.change, is_refused=act.is_refused
            )


def said_in(message: Mapping[str, Any]) -> Said:
    """Read a message of the protocol; texts that many hold are kept once."""
    sender, client_id = message["sender_id"], message["client_id"]
    return Said(
        message["number"],
        sys.intern(sender) if sender else None,
        sys.intern(client_id) if client_id else None,
        sys.intern(message["body"]),
        message["change"],
        message["taken_back_at"] is not None,
    )
