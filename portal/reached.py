"""What has reached the pages of this process: counted where pushes pass, for `portal.missed` to compare."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from typing import Any

MESSAGE_NEW = "message:new"
MESSAGE_CHANGED = "message:changed"
HINT = "conversations:changed"

Hint = tuple[float, int]
"""When somebody was last told that a conversation has news, and the highest number named by that."""


class Reached:
    """The highest number and the last change of each conversation that were pushed here, and the hints by room."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.changes: dict[str, int] = {}
        self.hints: dict[tuple[str, str], Hint] = {}

    def note(self, event: str, payload: Mapping[str, Any], room: str | None, *, is_here: bool) -> None:
        """Note a push; `is_here` says whether anybody of this process is in its room."""
        if event == MESSAGE_NEW:
            _raise(self.numbers, payload["conversation_id"], payload["number"])
        elif event == MESSAGE_CHANGED:
            _raise(self.changes, payload["conversation_id"], payload["change"])
        elif event == HINT and room and is_here:
            key = (room, payload["conversation_id"])
            before = self.hints.get(key, (0.0, 0))[1]
            self.hints[key] = (time.monotonic(), max(before, payload.get("number") or 0))

    def note_joined(self, conversation_id: str, last_number: int, last_change: int) -> None:
        """Note what a page was told when it joined; where others have it open, their own count stays."""
        self.numbers.setdefault(conversation_id, last_number)
        self.changes.setdefault(conversation_id, last_change)

    def forget(self, conversation_ids: Collection[str]) -> None:
        """Forget conversations that nobody here has open any more."""
        for each in conversation_ids:
            self.numbers.pop(each, None)
            self.changes.pop(each, None)

    def forget_hints(self, before: float) -> None:
        """Forget hints that are older than anybody asks for."""
        self.hints = {key: hint for key, hint in self.hints.items() if hint[0] >= before}


def joined_in(name: str, sent: Any, result: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    """Say which conversations a command has opened, and up to which message and change that page was told."""
    if name == "conversation:join":
        yield str(sent.conversation_id), result["last_number"], result["last_change"]
    elif name == "conversations:join":
        for one in result["conversations"]:
            if "error" not in one:
                yield one["conversation_id"], one["last_number"], one["last_change"]


def _raise(counted: dict[str, int], key: str, number: int) -> None:
    counted[key] = max(number, counted.get(key, 0))
