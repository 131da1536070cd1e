"""Reads of calls: which one is open, who is in it, who could be called."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from chat import policies
from chat.errors import CallNotFound, TooManyToCall
from chat.models import CallEnd, CallKind, CallPart, CallState, Participant, PartState, TalkCall
from chat.policies import USE_CONVERSATIONS
from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.queries import load_actor
from registry_core.accounts.models import Account

MOST_ASKED = 30
"""Participants of whom it is asked whether they may write; a larger round is no small group whoever may write."""

MOST_CHOICES = 500
"""People of a group by hand, of whom somebody may choose whom to call."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody in a call."""

    account_id: UUID
    name: str
    state: PartState
    device: str | None


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call with who is in it, whoever began first."""

    id: UUID
    conversation_id: UUID
    kind: CallKind
    state: CallState
    outcome: CallEnd | None
    started_by_id: UUID
    started_at: datetime
    answered_at: datetime | None
    people: tuple[Caller, ...]

    @property
    def starter(self) -> str:
        """How whoever began is called."""
        return next(one.name for one in self.people if one.account_id == self.started_by_id)


def read_call(session: Session, call_id: UUID) -> CallRow:
    """Read a call as it stands in this transaction, for a caller that has checked the right."""
    call = session.get_one(TalkCall, call_id)
    rows = session.execute(
        select(CallPart.account_id, Account.name, CallPart.state, CallPart.device)
        .join(Account, Account.id == CallPart.account_id)
        .where(CallPart.call_id == call_id)
        .order_by(CallPart.account_id != call.started_by_id, Account.name, CallPart.account_id)
    )
    people = tuple(Caller(*row) for row in rows)
    return CallRow(
        call.id,
        call.conversation_id,
        call.kind,
        call.state,
        call.outcome,
        call.started_by_id,
        call.started_at,
        call.answered_at,
        people,
    )


def find_open_call(session: Session, conversation_id: UUID) -> UUID | None:
    """Find the open call of a conversation."""
    return session.scalar(
        select(TalkCall.id).where(TalkCall.conversation_id == conversation_id, TalkCall.state != CallState.ENDED)
    )


def list_calls_of(session: Session, actor: Actor) -> list[CallRow]:
    """List the open calls that ring for the actor, or that they are in, and may still take part in."""
    wanted = (
        select(TalkCall.id, TalkCall.conversation_id)
        .join(CallPart, CallPart.call_id == TalkCall.id)
        .where(
            CallPart.account_id == actor.account_id,
            CallPart.state.in_([PartState.RINGING, PartState.JOINED]),
            TalkCall.state != CallState.ENDED,
        )
        .order_by(TalkCall.started_at)
    )
    return [
        read_call(session, call_id)
        for call_id, conversation_id in session.execute(wanted).all()
        if policies.access_to(session, actor, conversation_id).may_write
    ]


def list_callable(session: Session, conversation_id: UUID, among: Collection[UUID] = ()) -> list[UUID]:
    """List who could be in a call over a conversation: who takes part and may write at this moment.

    With `among` only those of them are asked for. Raises TooManyToCall.
    """
    query = (
        select(Participant.account_id)
        .where(Participant.conversation_id == conversation_id, Participant.left_at.is_(None))
        .order_by(Participant.account_id)
    )
    if among:
        query = query.where(Participant.account_id.in_(list(among)))
    rows = session.scalars(query.limit(MOST_ASKED + 1)).all()
    if len(rows) > MOST_ASKED:
        raise TooManyToCall
    return [account_id for account_id in rows if may_take_part(session, account_id, conversation_id)]


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who could be called."""

    account_id: UUID
    name: str
    is_busy: bool


def list_choices(session: Session, actor: Actor, conversation_id: UUID) -> list[Choice]:
    """List the others of a conversation, of whom some can be called, for an actor who may write in it.

    Whether each of them may write is asked when they are called.
    """
    rows = session.execute(
        select(Participant.account_id, Account.name)
        .join(Account, Account.id == Participant.account_id)
        .where(
            Participant.conversation_id == conversation_id,
            Participant.left_at.is_(None),
            Participant.account_id != actor.account_id,
        )
        .order_by(Account.name, Participant.account_id)
        .limit(MOST_CHOICES)
    ).all()
    busy = list_in_call(session, [account_id for account_id, _name in rows])
    return [Choice(account_id, name, account_id in busy) for account_id, name in rows]


def may_take_part(session: Session, account_id: UUID, conversation_id: UUID) -> bool:
    """Say whether somebody may be in a call over a conversation, with the roles that they hold at this moment."""
    actor = load_actor(session, account_id, at=clock.now())
    return actor.may(USE_CONVERSATIONS) and policies.access_to(session, actor, conversation_id).may_write


def list_in_call(session: Session, account_ids: Collection[UUID]) -> frozenset[UUID]:
    """Name those of the accounts that are in a call now."""
    rows = session.scalars(
        select(CallPart.account_id).where(
            CallPart.account_id.in_(list(account_ids)), CallPart.state == PartState.JOINED
        )
    )
    return frozenset(rows)


@dataclass(frozen=True, slots=True)
class Wire:
    """Between which pages a signal goes."""

    conversation_id: UUID
    from_device: str
    to_socket: str


def get_wire(session: Session, actor: Actor, call_id: UUID, *, socket: str, to: UUID) -> Wire:
    """Say where a signal of the page on this line goes.

    Raises CallNotFound unless both are in the call, the actor with this very page.
    """
    mine, theirs = (
        session.scalars(
            select(CallPart).where(
                CallPart.call_id == call_id, CallPart.account_id == account_id, CallPart.state == PartState.JOINED
            )
        ).first()
        for account_id in (actor.account_id, to)
    )
    if mine is None or theirs is None or mine.socket != socket or mine.account_id == to:
        raise CallNotFound
    conversation_id = session.get_one(TalkCall, call_id).conversation_id
    return Wire(conversation_id, mine.device or "", theirs.socket or "")


def has_joined_elsewhere(session: Session, account_id: UUID, call_id: UUID) -> bool:
    """Say whether somebody is in another call."""
    found = session.scalar(
        select(
            exists().where(
                CallPart.account_id == account_id, CallPart.call_id != call_id, CallPart.state == PartState.JOINED
            )
        )
    )
    return bool(found)
