"""Search in everything that one may read: the newest first, never more than one page at a time.

Three ways lead to the same messages, and which is short depends on the word and on who asks (docs/decisions/0024):
through the words' index, where they are seldom; through one's own conversations, where these are few; and back from
the newest message, where a common word turns up soon. That last one gives up after a while, so that nothing is slow.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
    text,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from chat import policies
from chat.models import Conversation, Message, MessageFile, MessageKind, TalkGroup
from chat.queries.messages import Line, get_access, select_lines
from chat.queries.numbers import list_readable
from chat.queries.words import Words
from registry_core.access.actors import Actor
from registry_core.personal_numbers import cover_numbers

FOUND_AT_ONCE = 20
FEW = 2_000
"""Conversations whose messages are counted before a search; of who reads more it is known that they are many."""
AT_HAND = 500
"""Messages that are looked at without asking first how seldom the words are."""
SHORT = 3_000
"""Messages that are looked at one by one without anybody noticing; with more the walk is tried first."""
WALK = 10_000
"""Messages that the walk back passes at most: some fifteen milliseconds, lost where it finds too little."""
_LONGEST_EXPLAINED = 12

# No plan for all values: what is rare and what is common differ a hundred thousand times. No machine code and no
# further processes for a question of milliseconds.
_PLAN = text(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true),"
    " set_config('max_parallel_workers_per_gather', '0', true)"
)

Place = tuple[datetime, UUID]
"""Where a page of results ends: the instant and the id of its last message."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is searched for, in which conversation, from when and until before when."""

    words: Words
    conversation_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A message that was found, with the names of its files."""

    line: Line
    body: str
    """What was said, as the actor may read it."""
    file_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found; `after` is where the next begins, None where nothing more follows."""

    found: tuple[Found, ...]
    after: Place | None


@dataclass(frozen=True, slots=True)
class _Reach:
    """Which conversations may be read, and how many messages are in them; None where these were not counted."""

    clause: Select[UUID]
    messages: int | None


def search_messages(session: Session, actor: Actor, sought: Sought, *, before: Place | None = None) -> Results:
    """Search what people said in all conversations that the actor may read at this moment.

    Where numbers of persons are covered for the actor, the covered text counts: whoever may not read a number could
    otherwise search it together, digit by digit.
    Raises ConversationNotFound where one conversation is named that the actor may not read.
    """
    if not sought.words:
        return Results((), None)
    session.execute(_PLAN)
    reach = _reach(session, actor, sought)
    rows = _find(session, sought, reach, before)
    shown = rows[:FOUND_AT_ONCE]
    after = (shown[-1][1], shown[-1][0]) if len(rows) > FOUND_AT_ONCE else None
    found = _read(session, actor, [row[0] for row in shown])
    return Results(tuple(one for one in found if _shows(one, sought.words)), after)


def _shows(found: Found, words: Words) -> bool:
    return any(words.are_in(text) for text in (found.body, *found.file_names))


def find_groups(session: Session, actor: Actor, words: Words, *, limit: int) -> list[tuple[UUID, str]]:
    """Find groups of the actor by their names."""
    readable = union_all(*policies.readable_by(session, actor)).subquery("readable")
    rows = session.execute(
        select(TalkGroup.conversation_id, TalkGroup.name)
        .where(words.in_text(TalkGroup.name), TalkGroup.conversation_id.in_(select(readable.c[0])))
        .order_by(TalkGroup.name, TalkGroup.conversation_id)
        .limit(limit)
    )
    return [(conversation_id, name) for conversation_id, name in rows]


def still_said() -> ColumnElement[bool]:
    """Limit messages to what people said and have not taken back; the one place for both."""
    return and_(Message.kind == MessageKind.TEXT, Message.taken_back_at.is_(None))


def _reach(session: Session, actor: Actor, sought: Sought) -> _Reach:
    if sought.conversation_id is not None:
        get_access(session, actor, sought.conversation_id)
        clause = select(Conversation.id).where(Conversation.id == sought.conversation_id)
    else:
        readable = union_all(*policies.readable_by(session, actor)).subquery("readable")
        clause = select(readable.c[0])
    some = clause.limit(FEW + 1).subquery("some")
    count, messages = session.execute(
        select(func.count(), func.sum(Conversation.last_number)).join(some, some.c[0] == Conversation.id)
    ).one()
    return _Reach(clause, None if count > FEW else messages or 0)


_Row = tuple[UUID, datetime]


def _find(session: Session, sought: Sought, reach: _Reach, before: Place | None) -> list[_Row]:
    """Go the shortest way; the walk back from the newest alone may end before it has found everything there is."""
    if reach.messages is not None and reach.messages <= AT_HAND:
        return _page(session, _in_conversations(sought, reach, before))
    hits = count_hits(session, sought.words)
    is_own_shorter = reach.messages is not None and reach.messages < hits
    if hits > SHORT and (reach.messages is None or reach.messages > SHORT):
        rows = _page(session, _walk(sought, reach, before))
        if len(rows) > FOUND_AT_ONCE:
            return rows
    way = _in_conversations if is_own_shorter else _by_words
    return _page(session, way(sought, reach, before))


def count_hits(session: Session, words: Words) -> int:
    """Estimate in how many messages the rarest part of the words stands, from what the database knows of its index.

    Of its own estimate for all parts together nothing can be held: it takes them for independent of each other.
    """
    parts = [select(Message.id).where(_has_terms(Message.body, [term])) for term in words.terms()[:_LONGEST_EXPLAINED]]
    statement = union_all(*parts).compile(session.connection(), compile_kwargs={"literal_binds": True})
    plan: dict[str, Any] = session.execute(text(f"EXPLAIN (FORMAT JSON) {statement}")).scalar_one()[0]["Plan"]
    branches = plan["Plans"] if plan["Node Type"] == "Append" else [plan]
    return min(int(branch["Plan Rows"]) for branch in branches)


def _has_terms(column: InstrumentedAttribute[str], terms: Sequence[int]) -> ColumnElement[bool]:
    given = bindparam(None, list(terms), type_=ARRAY(BigInteger))
    return func.message_terms(column).op("@>", is_comparison=True)(cast(given, ARRAY(BigInteger)))


_COLUMNS = (Message.id, Message.sent_at, Message.conversation_id)
_Hits = Select[UUID, datetime, UUID]


def _select(sought: Sought, before: Place | None) -> _Hits:
    query = select(*_COLUMNS).where(still_said())
    if sought.since is not None:
        query = query.where(Message.sent_at >= sought.since)
    if sought.until is not None:
        query = query.where(Message.sent_at < sought.until)
    if before is not None:
        query = query.where(tuple_(Message.sent_at, Message.id) < before)
    return query


def _matches(words: Words) -> ColumnElement[bool]:
    by_file = exists().where(MessageFile.message_id == Message.id, words.in_text(MessageFile.name))
    return or_(words.in_text(Message.body), by_file)


def _by_words(sought: Sought, reach: _Reach, before: Place | None) -> Select[UUID, datetime]:
    terms = sought.words.terms()
    base = _select(sought, before)
    said = base.where(_has_terms(Message.body, terms), sought.words.in_text(Message.body))
    sent = base.join(MessageFile, MessageFile.message_id == Message.id).where(
        _has_terms(MessageFile.name, terms), sought.words.in_text(MessageFile.name)
    )
    hits = union(said, sent).cte("hits").prefix_with("MATERIALIZED", dialect="postgresql")
    return select(hits.c.id, hits.c.sent_at).where(hits.c.conversation_id.in_(reach.clause))


def _in_conversations(sought: Sought, reach: _Reach, before: Place | None) -> Select[UUID, datetime]:
    # Materialised: with LIMIT in sight the planner would walk back through everybody's messages.
    query = _select(sought, before).where(Message.conversation_id.in_(reach.clause), _matches(sought.words))
    hits = query.cte("hits").prefix_with("MATERIALIZED", dialect="postgresql")
    return select(hits.c.id, hits.c.sent_at)


def _walk(sought: Sought, reach: _Reach, before: Place | None) -> Select[UUID, datetime]:
    recent = _select(sought, before).order_by(Message.sent_at.desc(), Message.id.desc()).limit(WALK).subquery("recent")
    query = select(recent.c.id, recent.c.sent_at).join(Message, Message.id == recent.c.id)
    return query.where(_matches(sought.words), recent.c.conversation_id.in_(reach.clause))


def _page(session: Session, query: Select[UUID, datetime]) -> list[_Row]:
    at, message_id = query.selected_columns[1], query.selected_columns[0]
    rows = session.execute(query.order_by(at.desc(), message_id.desc()).limit(FOUND_AT_ONCE + 1))
    return [(row[0], row[1]) for row in rows]


def _read(session: Session, actor: Actor, message_ids: list[UUID]) -> tuple[Found, ...]:
    if not message_ids:
        return ()
    lines = {row[0]: Line(*row) for row in session.execute(select_lines().where(Message.id.in_(message_ids)))}
    names: dict[UUID, list[str]] = {}
    files = select(MessageFile.message_id, MessageFile.name).where(MessageFile.message_id.in_(message_ids))
    for message_id, name in session.execute(files.order_by(MessageFile.message_id, MessageFile.place)):
        names.setdefault(message_id, []).append(name)
    readable = list_readable(session, actor, lines.values(), names)
    return tuple(_as_read(lines[one], names.get(one, ()), readable) for one in message_ids)


def _as_read(line: Line, names: Sequence[str], readable: Collection[UUID]) -> Found:
    if line.sender_id in readable:
        return Found(line, line.body, tuple(names))
    return Found(line, cover_numbers(line.body), tuple(cover_numbers(name) for name in names))
