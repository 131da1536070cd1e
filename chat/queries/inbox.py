"""One cursor over all of a person's conversations: which have news since (docs/protocol.md).

A position must not skip what commits late: two messages may take their turn in one order and commit in the other, and
who had read past the later one would never hear of the earlier. So the cursor is no number that is handed out, but the
database's own account of who was still at work: every change writes down the transaction that made it (`moved_in`), and
the cursor is the oldest transaction that was still under way when one looked. Whatever commits afterwards was made by
that one or by a younger one, and is told the next time. Something may be told twice, nothing is left out, and nobody
waits for anybody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Text, Uuid, bindparam, cast, func, literal_column, or_, select
from sqlalchemy.orm import Session

from chat import policies
from chat.models import Conversation, Participant
from chat.queries.messages import count_unread
from chat.queries.messenger import Thread, count_with_news
from registry_core.access.actors import Actor
from registry_core.db import run

MOST_NEWS = 500
"""Conversations told of at once; with more the client is told to reload, never given a part."""
_CURSOR = re.compile(r"(\d{1,20})\.(\d{1,19})")


@dataclass(frozen=True, slots=True)
class News:
    """A conversation in which something has changed since the cursor; one that is gone has nothing else to tell."""

    conversation_id: UUID
    kind: str
    last_number: int
    read_up_to: int
    unread: int
    is_muted: bool
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Inbox:
    """What has changed since a cursor, the next cursor, and how many conversations have something unread."""

    cursor: str
    must_reload: bool
    news: tuple[News, ...]
    with_unread: int


@dataclass(frozen=True, slots=True)
class _Now:
    """Which database answers, the oldest transaction under way in it, and the first that has not begun."""

    database: str
    oldest: int
    next: int


def read_inbox(session: Session, actor: Actor, cursor: str, mine: Sequence[Thread]) -> Inbox:
    """Say which conversations have news since a cursor; without one all of them have.

    `mine` is what `list_threads` has just said.
    A cursor of another database (one restored from a copy) or from its future is none: reload.
    """
    # First the snapshot, then the rows: what commits in between is seen now and told once more the next time.
    now = _look(session)
    since = _since(cursor, now)
    threads = {thread.id: thread for thread in mine}
    rows = _changed(session, actor, since or 0) if since is not None else []
    total = count_with_news(session, actor, mine)
    must_reload = since is None or len(rows) > MOST_NEWS
    news = () if must_reload else _news(session, actor, rows, threads)
    return Inbox(f"{now.database}.{now.oldest}", must_reload, news, total)


# Built once: every page that comes in asks for them (docs/performance.md).
_SNAPSHOT = func.pg_current_snapshot()
_DATABASE: ColumnElement[str] = literal_column("(SELECT system_identifier FROM pg_control_system())::text")
_LOOK = select(
    _DATABASE,
    cast(cast(func.pg_snapshot_xmin(_SNAPSHOT), Text), BigInteger),
    cast(cast(func.pg_snapshot_xmax(_SNAPSHOT), Text), BigInteger),
)
_SINCE = bindparam("since", type_=BigInteger)
_CHANGED = (
    select(
        Conversation.id,
        Conversation.last_number,
        Participant.read_up_to,
        Participant.is_muted,
        Participant.left_at.is_not(None),
    )
    .join(Participant, Participant.conversation_id == Conversation.id)
    .where(
        Participant.account_id == bindparam("account_id", type_=Uuid),
        or_(Conversation.moved_in >= _SINCE, Participant.moved_in >= _SINCE),
    )
    .order_by(Conversation.moved_in.desc())
    .limit(MOST_NEWS + 1)
)


def _look(session: Session) -> _Now:
    return _Now(*run(session, _LOOK, {}).one())


def _since(cursor: str, now: _Now) -> int | None:
    if not cursor:
        return 0
    found = _CURSOR.fullmatch(cursor)
    if found is None or found[1] != now.database or int(found[2]) > now.next:
        return None
    return int(found[2])


_Row = tuple[UUID, int, int, bool, bool]


def _changed(session: Session, actor: Actor, since: int) -> list[_Row]:
    rows = run(session, _CHANGED, {"account_id": actor.account_id, "since": since})
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def _news(session: Session, actor: Actor, rows: list[_Row], threads: dict[UUID, Thread]) -> tuple[News, ...]:
    unread = count_unread(session, actor.account_id, [row[0] for row in rows])
    told = []
    for conversation_id, last_number, read_up_to, is_muted, has_left in rows:
        kind = _kind(session, actor, conversation_id, threads)
        if kind is None or has_left:
            told.append(News(conversation_id, "", 0, 0, 0, is_muted=False, is_gone=True))
            continue
        count = unread.get(conversation_id, 0)
        told.append(News(conversation_id, kind, last_number, read_up_to, count, is_muted, is_gone=False))
    return tuple(told)


def _kind(session: Session, actor: Actor, conversation_id: UUID, threads: dict[UUID, Thread]) -> str | None:
    """Say what a conversation is; None where the actor may not read it at this moment."""
    thread = threads.get(conversation_id)
    if thread is not None:
        return "direct" if thread.is_direct else "group"
    return "other" if policies.access_to(session, actor, conversation_id).may_read else None
