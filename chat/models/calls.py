"""Calls: who speaks with whom over which conversation, from ringing to the end.

A call goes one way only, and the database refuses any other:

    ringing → running   somebody has answered
    ringing → ended     declined, busy, missed, left (the caller hung up first) or failed (the caller's line was lost)
    running → ended     answered (everybody has left)

Somebody in it goes ringing → joined → left, or ringing → declined, missed or busy; from each of these back to joined
while the call is open: who has left, or did not answer, may still come.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry_core.db import Base, Id, Instant, enum_type

MOST_IN_CALL = 4
"""People in one call: each browser sends its picture to each other one, and more than three copies choke an uplink."""
LONGEST_DEVICE = 64
"""Characters of a page's own name. Browsers send a UUID of 36."""
LONGEST_SOCKET = 64
"""Characters of a socket's id."""


class CallKind(StrEnum):
    """Whether one began to speak or to be seen as well; either may switch a camera on later."""

    VOICE = "voice"
    VIDEO = "video"


class CallState(StrEnum):
    """How far a call has got."""

    RINGING = "ringing"
    RUNNING = "running"
    ENDED = "ended"


class CallEnd(StrEnum):
    """What a call came to."""

    ANSWERED = "answered"
    DECLINED = "declined"
    MISSED = "missed"
    BUSY = "busy"
    LEFT = "left"
    FAILED = "failed"


class PartState(StrEnum):
    """How somebody stands to a call."""

    RINGING = "ringing"
    JOINED = "joined"
    DECLINED = "declined"
    MISSED = "missed"
    BUSY = "busy"
    LEFT = "left"


class TalkCall(Base):
    """A call over a conversation; at most one of a conversation is open."""

    __tablename__ = "talk_call"
    __table_args__ = (
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended_has_time"),
        CheckConstraint("(state = 'ended') = (outcome IS NOT NULL)", name="ended_has_outcome"),
        CheckConstraint("state <> 'running' OR answered_at IS NOT NULL", name="running_was_answered"),
        CheckConstraint("state <> 'ringing' OR answered_at IS NULL", name="ringing_is_unanswered"),
        CheckConstraint("state <> 'ended' OR (outcome = 'answered') = (answered_at IS NOT NULL)", name="outcome_fits"),
        CheckConstraint("started_at <= answered_at AND answered_at <= ended_at", name="in_order"),
        Index("uq_talk_call_open", "conversation_id", unique=True, postgresql_where=text("state <> 'ended'")),
        Index("ix_talk_call_conversation_id", "conversation_id"),
        Index("ix_talk_call_open", "started_at", postgresql_where=text("state <> 'ended'")),
    )

    id: Mapped[Id]
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    started_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[CallKind] = mapped_column(enum_type(CallKind, "kind"))
    state: Mapped[CallState] = mapped_column(enum_type(CallState, "state"))
    started_at: Mapped[Instant]
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[CallEnd | None] = mapped_column(enum_type(CallEnd, "outcome"))


class CallPart(Base):
    """Somebody in a call, with one page of theirs; nobody is in two calls at once."""

    __tablename__ = "call_part"
    __table_args__ = (
        CheckConstraint(
            "state <> 'joined' OR (device IS NOT NULL AND joined_at IS NOT NULL"
            " AND (socket IS NOT NULL OR gone_since IS NOT NULL))",
            name="joined_by_a_page",
        ),
        CheckConstraint("state = 'joined' OR gone_since IS NULL", name="only_who_joined_is_gone"),
        Index("uq_call_part_joined", "account_id", unique=True, postgresql_where=text("state = 'joined'")),
        Index("ix_call_part_socket", "socket", postgresql_where=text("state = 'joined'")),
        Index("ix_call_part_ringing", "account_id", postgresql_where=text("state = 'ringing'")),
    )

    call_id: Mapped[UUID] = mapped_column(ForeignKey("talk_call.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    state: Mapped[PartState] = mapped_column(enum_type(PartState, "part_state"))
    joined_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the person first came in."""
    device: Mapped[str | None] = mapped_column(String(LONGEST_DEVICE))
    """The page's own name; another page of the same person that comes in takes its place."""
    socket: Mapped[str | None] = mapped_column(String(LONGEST_SOCKET))
    """The page's line, to which signals go; none while it is lost, another one once the page has connected anew."""
    gone_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when that line is lost, or nobody has heard of the person; after a while they have left."""
