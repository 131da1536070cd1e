"""Reads of replies and mentions: what was quoted, who is called, who can be called, what is new since one read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from chat.models import MOST_MEMBERS, Message, MessageKind, MessageMention, Participant
from chat.queries.messages import Line, get_access
from chat.queries.people import named
from registry_core.access.actors import Actor
from registry_core.accounts.models import Account

MOST_OFFERED = 20
"""People offered at once while one writes an @; with more the writer adds a letter."""

Place = tuple[UUID, int]
"""A message by its conversation and number."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a reply quotes; its numbers of persons are those of who said it, not of who quotes it."""

    line: Line
    """The reply as if its quoted words were said by their own sender."""
    number: int
    sender_name: str
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Somebody called in a message, under the name that stands in its text."""

    account_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class LeftOff:
    """The first message of others that somebody has not read, and how many there are; 0 where there is none."""

    first: int = 0
    count: int = 0


def read_quoted(session: Session, lines: Sequence[Line]) -> dict[UUID, Quoted]:
    """Read what replies quote, by the id of the reply; a page without replies asks for nothing."""
    replies = {(line.conversation_id, line.reply_to): line for line in lines if _still_replies(line)}
    if not replies:
        return {}
    rows = session.execute(
        select(
            Message.conversation_id, Message.number, Message.sender_id, Account.name, Message.taken_back_at.is_not(None)
        )
        .join(Account, Account.id == Message.sender_id)
        .where(tuple_(Message.conversation_id, Message.number).in_(list(replies)))
    )
    originals = {(row[0], row[1]): row for row in rows}
    found = {}
    for line in lines:
        original = originals.get((line.conversation_id, line.reply_to or 0))
        if original is not None and _still_replies(line):
            words = replace(line, body=line.quote or "", sender_id=original[2])
            found[line.id] = Quoted(words, original[1], original[3], original[4])
    return found


def _still_replies(line: Line) -> bool:
    return line.reply_to is not None and line.taken_back_at is None


def read_mentioned(session: Session, lines: Sequence[Line]) -> dict[UUID, tuple[Mentioned, ...]]:
    """Read who is called in messages, by message: those whose name still stands in the text."""
    calling = {(line.conversation_id, line.number): line for line in lines if "@" in line.body}
    if not calling:
        return {}
    rows = session.execute(
        select(MessageMention.conversation_id, MessageMention.number, MessageMention.account_id, MessageMention.name)
        .where(tuple_(MessageMention.conversation_id, MessageMention.number).in_(list(calling)))
        .order_by(MessageMention.name, MessageMention.account_id)
    )
    found: dict[UUID, tuple[Mentioned, ...]] = {}
    for conversation_id, number, account_id, name in rows:
        line = calling[(conversation_id, number)]
        if f"@{name}" in line.body:
            found[line.id] = (*found.get(line.id, ()), Mentioned(account_id, name))
    return found


def read_originals(session: Session, places: Collection[Place]) -> dict[Place, Line]:
    """Read what people said at places, to be quoted, for a caller that has checked the right."""
    rows = session.execute(
        select(
            Message.id,
            Message.conversation_id,
            Message.number,
            Message.kind,
            Message.body,
            Message.sent_at,
            Message.sender_id,
            Message.client_id,
        ).where(
            tuple_(Message.conversation_id, Message.number).in_(list(places)),
            Message.kind == MessageKind.TEXT,
            Message.taken_back_at.is_(None),
        )
    )
    return {(row[1], row[2]): Line(*row, sender_name=None) for row in rows}


def list_present(session: Session, wanted: Mapping[UUID, Collection[UUID]]) -> dict[UUID, dict[UUID, str]]:
    """Name, for each conversation, those of the accounts that take part in it."""
    pairs = [(conversation_id, account_id) for conversation_id, ids in wanted.items() for account_id in ids]
    rows = session.execute(
        select(Participant.conversation_id, Account.id, Account.name)
        .join(Account, Account.id == Participant.account_id)
        .where(tuple_(Participant.conversation_id, Participant.account_id).in_(pairs), *_takes_part())
    )
    found: dict[UUID, dict[UUID, str]] = {}
    for conversation_id, account_id, name in rows:
        found.setdefault(conversation_id, {})[account_id] = name
    return found


def search_present(session: Session, actor: Actor, conversation_id: UUID, words: str) -> list[Mentioned]:
    """Search the others who take part in a conversation by name, pinyin or initials, at most `MOST_OFFERED`.

    Raises ConversationNotFound.
    """
    get_access(session, actor, conversation_id)
    query = (
        select(Account.id, Account.name)
        .join(Participant, Participant.account_id == Account.id)
        .where(Participant.conversation_id == conversation_id, Account.id != actor.account_id, *_takes_part())
    )
    if words.strip():
        query = query.where(named(words))
    rows = session.execute(query.order_by(func.pinyin_key(Account.name), Account.id).limit(MOST_OFFERED))
    return [Mentioned(*row) for row in rows]


def _takes_part() -> tuple[ColumnElement[bool], ...]:
    return (Participant.left_at.is_(None), Account.closed_at.is_(None), Account.sealed_at.is_(None))


def list_called(session: Session, account_id: UUID, conversation_ids: Collection[UUID]) -> frozenset[UUID]:
    """Say in which conversations somebody is called, by name or with all, in a message not read yet."""
    if not conversation_ids:
        return frozenset()
    mine = aliased(Participant)
    own = (
        select(Message.conversation_id)
        .join(mine, and_(mine.conversation_id == Message.conversation_id, mine.account_id == account_id))
        .where(
            Message.conversation_id.in_(conversation_ids),
            Message.number > mine.read_up_to,
            Message.sender_id != account_id,
            Message.taken_back_at.is_(None),
        )
    )
    by_name = own.join(
        MessageMention,
        and_(
            MessageMention.account_id == account_id,
            MessageMention.conversation_id == Message.conversation_id,
            MessageMention.number == Message.number,
        ),
    )
    return frozenset(session.scalars(by_name.union_all(own.where(Message.mentions_all))))


def list_to_call(session: Session, conversation_id: UUID, number: int) -> list[UUID]:
    """Name whom a message calls and who has not read it: those named in it, or everybody where it calls all.

    At most as many as a group by hand may have: in the list of conversations everybody sees it.
    """
    by_name = select(MessageMention.account_id).where(
        MessageMention.conversation_id == conversation_id, MessageMention.number == number
    )
    return list(
        session.scalars(
            select(Participant.account_id)
            .join(
                Message,
                and_(Message.conversation_id == Participant.conversation_id, Message.number == number),
            )
            .where(
                Participant.conversation_id == conversation_id,
                Participant.left_at.is_(None),
                Participant.read_up_to < number,
                Participant.account_id != Message.sender_id,
                Message.taken_back_at.is_(None),
                or_(Message.mentions_all, Participant.account_id.in_(by_name)),
            )
            .limit(MOST_MEMBERS)
        )
    )


def find_left_off(session: Session, account_id: UUID, conversation_id: UUID) -> LeftOff:
    """Find the first message of others that a participant has not read; who only reads along has none."""
    first, count = session.execute(_left_off(account_id, conversation_id)).one()
    return LeftOff(first or 0, count)


def _left_off(account_id: UUID, conversation_id: UUID) -> Select[int | None, int]:
    mine = and_(Participant.conversation_id == Message.conversation_id, Participant.account_id == account_id)
    return (
        select(func.min(Message.number), func.count())
        .join(Participant, mine)
        .where(
            Message.conversation_id == conversation_id,
            Message.number > Participant.read_up_to,
            Message.kind == MessageKind.TEXT,
            Message.sender_id != account_id,
            Participant.left_at.is_(None),
            # What was said before somebody came is there to be looked up, and is no news to them.
            Message.sent_at >= Participant.joined_at,
        )
    )
