"""What came since somebody was last there, read for several conversations at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Select, Uuid, any_, bindparam, column, func, select
from sqlalchemy.orm import Session

from chat.models import Conversation, Message, Participant
from chat.queries.acts import Changes, read_changes
from chat.queries.messages import PAGE, Line, Page, select_lines
from registry_core.db import run

SMALLEST_PAGE = 20
"""So many messages of each conversation at least, however many are asked for at once; `PAGE` of one alone."""

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_HEADS = select(Conversation.id, Conversation.last_number, Conversation.last_change).where(
    Conversation.id == any_(_IDS)
)
_MARKS = select(
    Participant.conversation_id, Participant.account_id, Participant.delivered_up_to, Participant.read_up_to
).where(Participant.conversation_id == any_(_IDS))


@dataclass(frozen=True, slots=True)
class Since:
    """What somebody has of a conversation: its messages and, unless nothing is asked, its changes up to a number."""

    conversation_id: UUID
    after: int
    changes_after: int | None


@dataclass(frozen=True, slots=True)
class Caught:
    """What came since, and how far everybody has read."""

    page: Page
    changes: Changes
    marks: Mapping[UUID, tuple[int, int]]


def read_since(session: Session, wanted: Sequence[Since]) -> list[Caught]:
    """Read what came since in each conversation, in the same order, for a caller that has checked the rights."""
    heads = {row.id: row for row in run(session, _HEADS, {"ids": [one.conversation_id for one in wanted]})}
    # The changes before the messages: what is changed in between stands in these, and is told once more the next time.
    changes = [_changes(session, one, heads[one.conversation_id].last_change) for one in wanted]
    lines = _lines(session, wanted, {each: row.last_number for each, row in heads.items()})
    marks = _marks(session, list(heads))
    return [
        Caught(
            Page(tuple(lines[place]), heads[one.conversation_id].last_number),
            changes[place],
            marks[one.conversation_id],
        )
        for place, one in enumerate(wanted)
    ]


def _changes(session: Session, since: Since, last: int) -> Changes:
    if since.changes_after is None or since.changes_after >= last:
        return Changes((), last, more=False)
    return read_changes(session, since.conversation_id, after=since.changes_after)


def _lines(session: Session, wanted: Sequence[Since], last_numbers: Mapping[UUID, int]) -> list[list[Line]]:
    """Read the messages of all in one query, and none where nothing was said."""
    share = max(SMALLEST_PAGE, PAGE // len(wanted))
    until = [min(one.after + share, last_numbers[one.conversation_id]) for one in wanted]
    open_places = [place for place, one in enumerate(wanted) if one.after < until[place]]
    found: list[list[Line]] = [[] for _ in wanted]
    if not open_places:
        return found
    given = {
        "places": open_places,
        "ids": [wanted[place].conversation_id for place in open_places],
        "afters": [wanted[place].after for place in open_places],
        "untils": [until[place] for place in open_places],
    }
    for *row, place in run(session, _LINES, given):
        found[place].append(Line(*row))
    return found


def _marks(session: Session, conversation_ids: Sequence[UUID]) -> dict[UUID, dict[UUID, tuple[int, int]]]:
    marks: dict[UUID, dict[UUID, tuple[int, int]]] = defaultdict(dict)
    for conversation_id, account_id, delivered, read in run(session, _MARKS, {"ids": list(conversation_ids)}):
        marks[conversation_id][account_id] = (delivered, read)
    return marks


def _select_since() -> Select[*tuple[Any, ...]]:
    shape = [column("place", Integer), column("id", Uuid), column("after", Integer), column("until", Integer)]
    numbers = [bindparam(name, type_=ARRAY(Integer)) for name in ("places", "afters", "untils")]
    given = func.unnest(numbers[0], _IDS, *numbers[1:]).table_valued(*shape, name="given").render_derived()
    # Numbers have no gaps, so that a page ends at a number.
    fits = Message.number.between(given.c.after + 1, given.c.until)
    lines = select_lines().join(given, (Message.conversation_id == given.c.id) & fits)
    return lines.add_columns(given.c.place).order_by(given.c.place, Message.number)


_LINES = _select_since()
