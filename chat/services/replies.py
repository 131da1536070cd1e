"""What a message carries beside its text: what it replies to, and whom it calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from chat import queries
from chat.errors import OwnersOnly, QuoteGone, QuoteTooLong
from chat.events import PeopleMentioned
from chat.models import LONGEST_QUOTE, Message, MessageMention
from chat.queries import Line
from chat.queries.messenger import find_thread
from chat.queries.numbers import list_readable
from chat.queries.replies import list_present, read_originals
from registry_core import clock, outbox
from registry_core.access.actors import Actor
from registry_core.errors import DomainError
from registry_core.notifications.models import Notice
from registry_core.notifications.services import read_sources
from registry_core.personal_numbers import cover_numbers, find_numbers

EXCERPT = 120
"""Characters quoted where nothing was chosen."""
CALLED_AFTER = timedelta(seconds=5)
"""Who reads within that time needs no notice in the bell."""


@dataclass(frozen=True, slots=True)
class About:
    """What a message replies to (`quote`: the words chosen there, empty for its beginning) and whom it calls."""

    reply_to: int | None = None
    quote: str = ""
    mentions: tuple[UUID, ...] = ()
    mentions_all: bool = False


NOTHING = About()
MENTION = "mention:"
"""With what the source of a mention's notice begins."""


class Carrying(Protocol):
    """A message that somebody sends, with what it carries."""

    @property
    def actor(self) -> Actor:
        """Who sends it."""

    @property
    def conversation_id(self) -> UUID:
        """Where."""

    @property
    def about(self) -> About:
        """What it carries."""


def find_quotes(session: Session, posts: Mapping[int, Carrying]) -> dict[int, str | DomainError]:
    """Say what the replies among posts quote, or why they may not; posts that reply to nothing are left out.

    One query for all of them, none where nobody replies.
    """
    replies = {
        place: (post, (post.conversation_id, post.about.reply_to))
        for place, post in posts.items()
        if post.about.reply_to is not None
    }
    if not replies:
        return {}
    originals = read_originals(session, {key for _post, key in replies.values()})
    return {place: _quote(session, post, originals.get(key)) for place, (post, key) in replies.items()}


def _quote(session: Session, post: Carrying, original: Line | None) -> str | DomainError:
    wanted = post.about.quote.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(wanted) > LONGEST_QUOTE:
        return QuoteTooLong()
    if original is None:
        return QuoteGone()
    if not wanted:
        return _whole_numbers(original.body, 0, EXCERPT)
    # Chosen from what the sender reads, where numbers may stand covered; places are the same in both texts.
    shown = original.body
    if original.sender_id not in list_readable(session, post.actor, [original]):
        shown = cover_numbers(shown)
    start = shown.find(wanted)
    return _whole_numbers(original.body, start, start + len(wanted)) if start >= 0 else QuoteGone()


def _whole_numbers(body: str, start: int, end: int) -> str:
    """Cut a part out of a text that holds each number of a person whole: of half a number nobody sees what it is."""
    for number in find_numbers(body):
        if number.start < end and start < number.end:
            start, end = min(start, number.start), max(end, number.end)
    return body[start:end]


def says_the_same(known: Message, about: About) -> bool:
    """Say whether a stored message replies to what is given now, when it is sent once more."""
    if known.reply_to != about.reply_to:
        return False
    wanted, quote = about.quote.strip(), known.quote or ""
    return wanted in quote or wanted in cover_numbers(quote)


def refuse_calls(session: Session, posts: Mapping[int, Carrying]) -> dict[int, DomainError]:
    """Say which of the posts call everybody although their senders own no such group."""
    return {
        place: OwnersOnly()
        for place, post in posts.items()
        if post.about.mentions_all and not _owns(session, post.actor, post.conversation_id)
    }


def _owns(session: Session, actor: Actor, conversation_id: UUID) -> bool:
    thread = find_thread(session, actor, conversation_id)
    return thread is not None and thread.owns(actor)


def may_call_all(session: Session, actor: Actor, conversation_id: UUID) -> bool:
    """Say whether somebody may call everybody in a conversation at once.

    Raises ConversationNotFound.
    """
    queries.get_access(session, actor, conversation_id)
    return _owns(session, actor, conversation_id)


def call_people(session: Session, stored: Sequence[tuple[Message, About]]) -> None:
    """Keep whom stored messages call, and let them hear of it; whoever is not there is left out.

    A name counts where it stands in the text as `@name`.
    """
    calling = [(message, about) for message, about in stored if about.mentions or about.mentions_all]
    if not calling:
        return
    wanted: dict[UUID, set[UUID]] = {}
    for message, about in calling:
        wanted.setdefault(message.conversation_id, set()).update(about.mentions)
    present = list_present(session, wanted) if any(wanted.values()) else {}
    for message, about in calling:
        there = present.get(message.conversation_id, {})
        rows = [
            MessageMention(
                conversation_id=message.conversation_id, number=message.number, account_id=one, name=there[one]
            )
            for one in dict.fromkeys(about.mentions)
            if one in there and one != message.sender_id and f"@{there[one]}" in message.body
        ]
        session.add_all(rows)
        if rows or about.mentions_all:
            event = PeopleMentioned(message.conversation_id, message.number)
            outbox.record(session, event, at=clock.now() + CALLED_AFTER)
    session.flush()


def mention_source(conversation_id: UUID, number: int) -> str:
    """Name what a notice of a mention came from."""
    return f"{MENTION}{conversation_id}:{number}"


def has_calls(account_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Say whether a notice of a mention waits in somebody's bell, as a part of a query."""
    return exists().where(Notice.account_id == account_id, Notice.read_at.is_(None), Notice.source.startswith(MENTION))


def take_up_calls(session: Session, account_id: UUID, conversation_id: UUID, read_up_to: int) -> None:
    """Mark the notices of mentions as read that somebody has read in the conversation itself."""
    front = mention_source(conversation_id, 0)[:-1]
    sources = session.scalars(
        select(Notice.source).where(
            Notice.account_id == account_id, Notice.read_at.is_(None), Notice.source.startswith(front)
        )
    )
    read_sources(session, account_id, [one for one in sources if int(one.removeprefix(front)) <= read_up_to])
