"""What pages and sockets show of a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chat import queries
from chat.policies import RECALL_MESSAGES
from chat.presenters.drafts import view_draft
from chat.presenters.dress import Dress, dress
from chat.presenters.files import MessageFileView, file_packet
from chat.presenters.numbers import say_body
from chat.presenters.reactions import PinView, ReactionView, view_pins
from chat.presenters.replies import QuoteView, SaidPart, everybody, mentions_packet, quote_packet, split_said
from chat.queries import Line
from chat.queries.acts import Times, read_last_change, times_of
from chat.queries.reactions import may_pin
from chat.queries.replies import LeftOff, find_left_off
from registry_core.access.actors import Actor

NOTHING_UNREAD = LeftOff()


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as the page shows it; `level` colours the initials, `is_covered` says that a number is not shown."""

    id: UUID
    number: int
    kind: str
    body: str
    at: datetime
    sender_id: UUID | None
    sender_name: str
    initials: str
    level: str
    is_mine: bool
    change: int = 0
    edited_at: datetime | None = None
    taken_back_at: datetime | None = None
    files: tuple[MessageFileView, ...] = ()
    is_covered: bool = False
    reactions: tuple[ReactionView, ...] = ()
    is_pinned: bool = False
    is_starred: bool = False
    reply_to: QuoteView | None = None
    parts: tuple[SaidPart, ...] = ()
    """What it says, cut at links and at the names of those whom it calls."""
    recalled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation as the page shows it; marks are (delivered, read) by account."""

    id: UUID
    messages: tuple[MessageView, ...]
    my_account_id: UUID
    may_write: bool
    last_number: int
    marks: Mapping[UUID, tuple[int, int]]
    last_change: int
    times: Times
    at: int = 0
    """The message that was asked for; 0 where it is the end."""
    pins: tuple[PinView, ...] = ()
    may_pin: bool = False
    unread: LeftOff = NOTHING_UNREAD
    may_recall: bool = False
    """Whether I may recall what people of my units have posted in the wrong place."""
    draft: dict[str, Any] | None = None
    """What I have left unsent here, as it travels over the socket."""

    @property
    def everybody(self) -> str:
        """What stands after an @ where everybody is called."""
        return everybody()

    @property
    def is_behind(self) -> bool:
        """Say whether more was said after what is shown."""
        return bool(self.messages) and self.messages[-1].number < self.last_number


def initials(name: str) -> str:
    """Take what stands on somebody's picture: the last two characters of a Chinese name, two initials of another."""
    plain = name.split("（", maxsplit=1)[0].strip()
    words = plain.split()
    if len(words) > 1:
        return (words[0][0] + words[-1][0]).upper()
    return plain[-2:]


def view_conversation(
    session: Session, actor: Actor, conversation_id: UUID, *, may_write: bool, at: int = 0
) -> ConversationView:
    """Present the last messages of a conversation, or those around one; for a caller that has checked the right."""
    # Before the messages: what changes in between is asked for once more.
    last_change = read_last_change(session, conversation_id)
    page = queries.read_around(session, conversation_id, at) if at else queries.read_recent(session, conversation_id)
    worn = dress(session, actor, page.lines)
    messages = tuple(_view(line, worn, actor) for line in page.lines)
    marks = queries.read_marks(session, conversation_id)
    return ConversationView(
        conversation_id,
        messages,
        actor.account_id,
        may_write,
        page.last_number,
        marks,
        last_change,
        times_of(session, actor),
        at,
        view_pins(session, actor, conversation_id),
        may_pin(session, actor, conversation_id, may_write=may_write),
        find_left_off(session, actor.account_id, conversation_id),
        actor.may(RECALL_MESSAGES),
        view_draft(session, actor, conversation_id) if may_write else None,
    )


def _view(line: Line, worn: Dress, actor: Actor) -> MessageView:
    shown = say_body(line.body, line.sender_id, worn.readable)
    return MessageView(
        line.id,
        line.number,
        line.kind.value,
        shown,
        line.sent_at,
        line.sender_id,
        line.sender_name or "",
        initials(line.sender_name or ""),
        worn.level(line),
        is_mine=line.sender_id == actor.account_id,
        change=line.change,
        edited_at=line.edited_at,
        taken_back_at=line.taken_back_at,
        files=worn.files_of(line),
        is_covered=worn.covers(line),
        reactions=worn.beside.views(line),
        is_pinned=line.id in worn.beside.pinned,
        is_starred=worn.beside.is_starred(line),
        reply_to=worn.quote_of(line),
        parts=split_said(shown, worn.mentions_of(line), actor.account_id, calls_all=line.mentions_all),
        recalled_at=line.recalled_at,
    )


def message_packet(line: Line, worn: Dress) -> dict[str, Any]:
    """Make the message as it travels over the socket (docs/protocol.md), with what goes with it."""
    shown = say_body(line.body, line.sender_id, worn.readable)
    return {
        "id": str(line.id),
        "conversation_id": str(line.conversation_id),
        "number": line.number,
        "kind": line.kind.value,
        "body": shown,
        "at": line.sent_at.isoformat(),
        "sender_id": str(line.sender_id) if line.sender_id else None,
        "sender_name": line.sender_name or "",
        "initials": initials(line.sender_name or ""),
        "level": worn.level(line),
        "client_id": line.client_id,
        "change": line.change,
        "edited_at": line.edited_at.isoformat() if line.edited_at else None,
        "taken_back_at": line.taken_back_at.isoformat() if line.taken_back_at else None,
        "recalled_at": line.recalled_at.isoformat() if line.recalled_at else None,
        "is_covered": worn.covers(line),
        "reply_to": quote_packet(worn.quote_of(line)),
        "mentions": mentions_packet(worn.mentions_of(line)),
        "mentions_all": line.mentions_all and line.taken_back_at is None,
        "files": [file_packet(file) for file in worn.files_of(line)],
        **worn.beside.packet(line),
    }
