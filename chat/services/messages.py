"""Writes of the channel: open, join, post, mark. Stored before acknowledged, stored once, numbered without gaps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Text, Uuid, bindparam, func, select, update
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chat import queries
from chat.errors import (
    ClientIdReused,
    ConversationNotFound,
    ConversationReadOnly,
    MessageEmpty,
    MessageNotText,
    MessageTooLong,
)
from chat.models import LONGEST_MESSAGE, Conversation, Message, MessageKind, Participant
from chat.policies import Access, Said
from chat.services.replies import (
    NOTHING,
    About,
    call_people,
    find_quotes,
    has_calls,
    refuse_calls,
    says_the_same,
    take_up_calls,
)
from chat.services.storing import SentTwiceAtOnce, store
from registry_core import clock, outbox
from registry_core.access.actors import Actor
from registry_core.db import new_id, run
from registry_core.errors import DomainError


def this_transaction() -> ColumnElement[int]:
    """Name the transaction under way, for the cursor over all conversations (`chat.queries.inbox`)."""
    return cast_to(cast_to(func.pg_current_xact_id(), Text), BigInteger)


def open_conversation(session: Session, *, account_ids: list[UUID]) -> Conversation:
    """Open a conversation between accounts."""
    conversation = Conversation(id=new_id(), created_at=clock.now(), last_number=0)
    session.add(conversation)
    session.flush()
    for account_id in account_ids:
        add_participant(session, conversation.id, account_id)
    return conversation


def add_participant(session: Session, conversation_id: UUID, account_id: UUID) -> None:
    """Let an account take part; one who left comes back, one who is there stays."""
    session.execute(
        insert(Participant)
        .values(
            conversation_id=conversation_id,
            account_id=account_id,
            joined_at=clock.now(),
            moved_in=this_transaction(),
        )
        .on_conflict_do_update(
            index_elements=["conversation_id", "account_id"], set_={"left_at": None, "moved_in": this_transaction()}
        )
    )


# Controls and halves of surrogate pairs. Everything else is text, also characters that this Python does not know yet:
# those of rare names come with each Unicode version, and some systems still write them in the private use area.
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_UNSEEN = frozenset({"Cf", "Zl", "Zp", "Zs"})


def checked_body(body: str) -> str:
    """Take white space off both ends, write line ends as one sign, and refuse what is no message.

    Raises MessageEmpty, MessageTooLong, MessageNotText.
    """
    text = body.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > LONGEST_MESSAGE:
        raise MessageTooLong
    if _NO_TEXT.search(text):
        raise MessageNotText
    if all(char in "\n\t" or unicodedata.category(char) in _UNSEEN for char in text):
        raise MessageEmpty
    return text


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody says: in which conversation, under which id of their own, and what they may do there."""

    actor: Actor
    conversation_id: UUID
    client_id: str
    body: str
    access: Access
    about: About = NOTHING

    @property
    def key(self) -> tuple[UUID, UUID, str]:
        """What makes sending twice the same message."""
        return self.conversation_id, self.actor.account_id, self.client_id


@dataclass(frozen=True, slots=True)
class Posted:
    """A stored message, and whether it was stored just now."""

    message: Message
    is_new: bool


def post_message(
    session: Session, actor: Actor, conversation_id: UUID, *, client_id: str, body: str, access: Access | None = None
) -> tuple[Message, bool]:
    """Store a message and say whether it is new; the same `client_id` again gives the stored one back.

    `access` is what `queries.get_access` has just said, for a caller that has asked already.
    Raises ConversationNotFound, ConversationReadOnly, MessageEmpty, MessageTooLong, MessageNotText, ClientIdReused.
    """
    access = access or queries.get_access(session, actor, conversation_id)
    posted = post_one(session, Post(actor, conversation_id, client_id, body, access))
    return posted.message, posted.is_new


def post_one(session: Session, post: Post) -> Posted:
    """Store one message, with what it carries.

    Raises what `post_message` raises, and QuoteGone, QuoteTooLong, OwnersOnly.
    """
    outcome = post_messages(session, [post])[0]
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def post_messages(session: Session, posts: Sequence[Post]) -> list[Posted | DomainError]:
    """Store messages of many people, and say of each what came of it; one that is refused stops no other.

    Refusals are those of `post_one`. Raises SentTwiceAtOnce, and then each has to be sent alone.
    """
    outcomes: dict[int, Posted | DomainError] = {}
    texts: dict[int, str] = {}
    keys: set[tuple[UUID, UUID, str]] = set()
    for place, post in enumerate(posts):
        try:
            text = _checked(post)
        except DomainError as refusal:
            outcomes[place] = refusal
            continue
        if post.access.may_write and post.key not in keys:
            keys.add(post.key)
            texts[place] = text
    # What may not be sent any more may have been sent before, so these refusals are no outcomes yet.
    open_posts = {place: posts[place] for place in texts}
    quotes = find_quotes(session, open_posts)
    refusals = {place: one for place, one in quotes.items() if isinstance(one, DomainError)}
    refusals |= refuse_calls(session, open_posts)
    messages = {
        place: _message(posts[place], text, quotes.get(place)) for place, text in texts.items() if place not in refusals
    }
    for place, said in _say_all(session, posts, messages).items():
        outcomes[place] = Posted(said.message, is_new=True)
    return [
        outcomes.get(place) or _recall(session, post, refusals.get(place) or ConversationReadOnly())
        for place, post in enumerate(posts)
    ]


def _say_all(session: Session, posts: Sequence[Post], messages: Mapping[int, Message]) -> dict[int, Said]:
    """Store messages, and let those hear who keep their conversations and who is called in them."""
    stored = _store_all(session, list(messages.values()))
    said = {place: stored[message.id] for place, message in messages.items() if message.id in stored}
    hears = [(posts[place].access.hear, one) for place, one in said.items()]
    due = [hear(session, one) for hear, one in hears if hear is not None]
    outbox.record_due(session, [one for one in due if one is not None])
    call_people(session, [(one.message, posts[place].about) for place, one in said.items()])
    return said


def _checked(post: Post) -> str:
    if not post.access.may_read:
        raise ConversationNotFound
    return checked_body(post.body)


def _message(post: Post, text: str, quote: str | DomainError | None) -> Message:
    return Message(
        conversation_id=post.conversation_id,
        sender_id=post.actor.account_id,
        client_id=post.client_id,
        kind=MessageKind.TEXT,
        body=text,
        reply_to=post.about.reply_to,
        quote=quote if isinstance(quote, str) else None,
        mentions_all=post.about.mentions_all,
    )


def _store_all(session: Session, messages: Sequence[Message]) -> dict[UUID, Said]:
    if not messages:
        return {}
    if len(messages) > 1:
        return store(session, messages)
    try:
        return store(session, messages)
    except SentTwiceAtOnce:
        run(session, _GIVE_BACK, {"conversation": messages[0].conversation_id})
        return {}


def _recall(session: Session, post: Post, refusal: DomainError) -> Posted | DomainError:
    """Find what was sent before under the same id; who may no longer write may still ask for that."""
    known = _find_sent(session, post.conversation_id, post.actor.account_id, post.client_id)
    if known is None:
        return refusal
    if not says_the_same(known, post.about):
        return ClientIdReused()
    # What was edited or taken back meanwhile says something else by now, and is the same message all the same.
    if not known.change and known.body != checked_body(post.body):
        return ClientIdReused()
    return Posted(known, is_new=False)


def post_note(session: Session, conversation_id: UUID, *, body: str) -> Message:
    """Store a line in which the house tells what happened.

    Raises ConversationNotFound.
    """
    message = Message(conversation_id=conversation_id, kind=MessageKind.NOTE, body=body)
    if not store(session, [message]):
        raise ConversationNotFound
    return message


def mark(session: Session, actor: Actor, conversation_id: UUID, *, delivered: int, read: int) -> tuple[int, int] | None:
    """Move a participant's marks forward, never back and never past the last message.

    Returns the marks where they moved, None where they stand or the actor only reads along.
    Raises ConversationNotFound.
    """
    queries.get_access(session, actor, conversation_id)
    return move_marks(session, actor.account_id, conversation_id, delivered=delivered, read=read)


def move_marks(
    session: Session, account_id: UUID, conversation_id: UUID, *, delivered: int, read: int
) -> tuple[int, int] | None:
    """Move marks as `mark` does, for a caller that has checked the right."""
    last = select(Conversation.last_number).where(Conversation.id == conversation_id).scalar_subquery()
    new_read = func.greatest(Participant.read_up_to, func.least(read, last))
    new_delivered = func.greatest(Participant.delivered_up_to, func.least(func.greatest(delivered, read), last))
    moved = session.execute(
        update(Participant)
        .where(
            Participant.conversation_id == conversation_id,
            Participant.account_id == account_id,
            (Participant.read_up_to < new_read) | (Participant.delivered_up_to < new_delivered),
        )
        .values(read_up_to=new_read, delivered_up_to=new_delivered, moved_in=this_transaction())
        .returning(Participant.delivered_up_to, Participant.read_up_to, has_calls(Participant.account_id))
    ).first()
    if moved is None:
        return None
    if moved[2]:
        take_up_calls(session, account_id, conversation_id, moved[1])
    return moved[0], moved[1]


def _find_sent(session: Session, conversation_id: UUID, sender_id: UUID, client_id: str) -> Message | None:
    return session.scalar(
        select(Message).where(
            Message.conversation_id == conversation_id,
            Message.sender_id == sender_id,
            Message.client_id == client_id,
        )
    )


_GIVE_BACK = (
    update(Conversation)
    .where(Conversation.id == bindparam("conversation", type_=Uuid))
    .values(last_number=Conversation.last_number - 1)
)
