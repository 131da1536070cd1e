"""The test's own list of what was said: nothing may be lost, doubled, changed or out of order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Said:
    """A message as somebody sent it; the house speaks without sender and id."""

    sender_id: UUID | None
    client_id: str | None
    body: str


class Spoken:
    """What was said in each conversation so far, in order."""

    def __init__(self) -> None:
        self.lines: dict[UUID, list[Said]] = defaultdict(list)
        self._expected: dict[UUID, list[Said]] = defaultdict(list)

    def expect(self, conversation_id: UUID, said: Said) -> None:
        """Remember that a message was acknowledged."""
        self._expected[conversation_id].append(said)

    def check(self, connection: Connection) -> None:
        """Compare with the tables: the old as it was, then what was acknowledged since, and notes of the house."""
        counters = connection.execute(text("SELECT id, last_number FROM conversation")).all()
        stored: dict[UUID, list[Said]] = defaultdict(list)
        numbers: dict[UUID, list[int]] = defaultdict(list)
        for row in connection.execute(text("SELECT * FROM message ORDER BY conversation_id, number")):
            stored[row.conversation_id].append(Said(row.sender_id, row.client_id, row.body))
            numbers[row.conversation_id].append(row.number)
        for conversation_id, last_number in counters:
            now, before = stored[conversation_id], self.lines[conversation_id]
            assert numbers[conversation_id] == list(range(1, last_number + 1)), "numbers with a gap"
            assert now[: len(before)] == before, "what was said has changed"
            texts = [said for said in now[len(before) :] if said.sender_id is not None]
            assert texts == self._expected.pop(conversation_id, []), "lost, doubled or out of order"
            self.lines[conversation_id] = now
        assert not self._expected, "said in a conversation that is not there"
