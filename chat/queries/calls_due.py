"""Which open calls the clock has to do something about, found for all at once, so that only these are locked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chat import policies
from chat.models import CallPart, CallState, PartState, TalkCall
from chat.policies import USE_CONVERSATIONS
from registry_core import clock
from registry_core.access.queries import load_actors


@dataclass(frozen=True, slots=True)
class _Live:
    """Somebody who is in an open call, or for whom it rings."""

    call_id: UUID
    conversation_id: UUID
    started_at: datetime
    account_id: UUID
    state: PartState
    socket: str | None
    gone_since: datetime | None


def list_calls_due(
    session: Session, here: Collection[UUID] | None, *, rings_for: timedelta, lost_after: timedelta
) -> list[UUID]:
    """List the open calls in which somebody has to be let go of, has come back or has gone, the oldest first.

    `here` names who is connected; None where nobody knows.
    """
    live = _list_live(session)
    joined = {part.account_id for part in live if part.state is PartState.JOINED}
    due = {part.call_id for part in live if _is_due(part, here, joined, rings_for, lost_after)}
    rest = [part for part in live if part.call_id not in due]
    due |= {part.call_id for part in _list_barred(session, rest)}
    return list(dict.fromkeys(part.call_id for part in live if part.call_id in due))


def _list_live(session: Session) -> list[_Live]:
    # Both states have an index of their own, which holds nobody of a call that is over.
    rows = session.execute(
        select(
            TalkCall.id,
            TalkCall.conversation_id,
            TalkCall.started_at,
            CallPart.account_id,
            CallPart.state,
            CallPart.socket,
            CallPart.gone_since,
        )
        .join(CallPart, CallPart.call_id == TalkCall.id)
        .where(TalkCall.state != CallState.ENDED, CallPart.state.in_([PartState.JOINED, PartState.RINGING]))
        .order_by(TalkCall.started_at, TalkCall.id)
    )
    return [_Live(*row) for row in rows]


def _is_due(
    part: _Live,
    here: Collection[UUID] | None,
    joined: Collection[UUID],
    rings_for: timedelta,
    lost_after: timedelta,
) -> bool:
    if part.state is PartState.RINGING:
        # Who is in a call and is called has joined another one: nobody is in one twice.
        return part.account_id in joined or clock.now() - part.started_at >= rings_for
    if part.gone_since is not None and clock.now() - part.gone_since >= lost_after:
        return True
    is_gone = part.gone_since is not None
    return part.socket is not None and here is not None and is_gone == (part.account_id in here)


def _list_barred(session: Session, live: Sequence[_Live]) -> list[_Live]:
    """List who may not be in their call any more, with the roles of this moment."""
    if not live:
        return []
    actors = load_actors(session, {part.account_id for part in live}, at=clock.now())
    accesses = policies.accesses_to(session, [(actors[part.account_id], part.conversation_id) for part in live])
    return [
        part
        for part, access in zip(live, accesses, strict=True)
        if not (access.may_write and actors[part.account_id].may(USE_CONVERSATIONS))
    ]
