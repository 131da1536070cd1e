"""What a client gets that comes in: what was said and changed since, and how far everybody has read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from chat.presenters.acts import packets_of
from chat.queries.coming_in import Caught
from registry_core.access.actors import Actor


def caught_packets(session: Session, actor: Actor, caught: Sequence[Caught]) -> list[dict[str, Any]]:
    """Make the packets of several conversations at once: what goes with messages is read once for all of them."""
    lines = [line for one in caught for line in (*one.page.lines, *one.changes.lines)]
    packets = iter(packets_of(session, actor, lines) if lines else ())
    return [
        {
            "messages": [next(packets) for _ in one.page.lines],
            "last_number": one.page.last_number,
            "more": one.page.more,
            "changes": [next(packets) for _ in one.changes.lines],
            "last_change": one.changes.last_change,
            "more_changes": one.changes.more,
            "marks": {str(account_id): list(mark) for account_id, mark in one.marks.items()},
        }
        for one in caught
    ]
