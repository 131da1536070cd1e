"""What people do in a call: start, answer, decline, leave; and what the clock does for it.

The call's row is locked in every step, so that of two who answer or hang up at once one comes after the other. Who
starts or answers first takes a lock of their own: nobody is in two calls.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from chat.errors import AlreadyInCall, CallFull, CallNotFound, ConversationReadOnly, NobodyToCall, TooManyToCall
from chat.models import MOST_IN_CALL, CallKind, CallPart, CallState, PartState, TalkCall
from chat.policies import access_to
from chat.queries.calls import (
    CallRow,
    find_open_call,
    has_joined_elsewhere,
    list_callable,
    list_in_call,
    may_take_part,
    read_call,
)
from chat.queries.calls_due import list_calls_due
from chat.queries.messages import get_access
from chat.services.call_ends import leave, settle
from chat.services.ringing import tell_ringing
from registry_core import clock
from registry_core.access.actors import Actor

RINGS_FOR = timedelta(seconds=45)
"""How long a call rings before it counts as missed."""
LOST_AFTER = timedelta(seconds=15)
"""How long the line of somebody in a call may be lost before they have left; a reload takes less."""


@dataclass(frozen=True, slots=True)
class CallPage:
    """A page with which somebody is in a call: its own name, and the line that it has now."""

    device: str
    socket: str


def start_call(
    session: Session,
    actor: Actor,
    conversation_id: UUID,
    *,
    kind: CallKind,
    page: CallPage,
    people: Collection[UUID] = (),
) -> CallRow:
    """Call everybody else who may write in a conversation, or those of them who were chosen.

    Where a call of the conversation is open already, come into it.
    Raises ConversationNotFound, ConversationReadOnly, AlreadyInCall, NobodyToCall, TooManyToCall, CallFull.
    """
    require_right(session, actor, conversation_id)
    _come_after(session, actor.account_id)
    _come_after(session, conversation_id)
    open_id = find_open_call(session, conversation_id)
    if open_id is not None:
        return _come_in(session, actor, open_id, page)
    if list_in_call(session, [actor.account_id]):
        raise AlreadyInCall
    others = [one for one in list_callable(session, conversation_id, people) if one != actor.account_id]
    if not others:
        raise NobodyToCall
    if len(others) >= MOST_IN_CALL:
        raise TooManyToCall
    return _ring(session, actor, conversation_id, others, kind=kind, page=page)


def _ring(
    session: Session, actor: Actor, conversation_id: UUID, others: list[UUID], *, kind: CallKind, page: CallPage
) -> CallRow:
    now = clock.now()
    call = TalkCall(
        conversation_id=conversation_id,
        started_by_id=actor.account_id,
        kind=kind,
        state=CallState.RINGING,
        started_at=now,
    )
    session.add(call)
    session.flush()
    busy = list_in_call(session, others)
    mine = CallPart(call_id=call.id, account_id=actor.account_id)
    _join(mine, page)
    parts = [mine] + [
        CallPart(
            call_id=call.id, account_id=account_id, state=PartState.BUSY if account_id in busy else PartState.RINGING
        )
        for account_id in others
    ]
    session.add_all(parts)
    session.flush()
    settle(session, call, parts)
    row = read_call(session, call.id)
    tell_ringing(session, row)
    return row


def accept_call(session: Session, actor: Actor, call_id: UUID, *, page: CallPage) -> CallRow:
    """Come into a call; another page of the same person that is in it lets go.

    Raises CallNotFound, ConversationReadOnly, AlreadyInCall, CallFull.
    """
    call = session.get(TalkCall, call_id)
    if call is None or not access_to(session, actor, call.conversation_id).may_read:
        raise CallNotFound
    require_right(session, actor, call.conversation_id)
    _come_after(session, actor.account_id)
    return _come_in(session, actor, call_id, page)


def _come_in(session: Session, actor: Actor, call_id: UUID, page: CallPage) -> CallRow:
    call, parts = _lock(session, call_id)
    if call.state is CallState.ENDED:
        raise CallNotFound
    if has_joined_elsewhere(session, actor.account_id, call_id):
        raise AlreadyInCall
    mine = next((part for part in parts if part.account_id == actor.account_id), None)
    joined = [part for part in parts if part.state is PartState.JOINED and part is not mine]
    if len(joined) >= MOST_IN_CALL:
        raise CallFull
    if mine is None:
        mine = CallPart(call_id=call_id, account_id=actor.account_id)
        session.add(mine)
        parts.append(mine)
    _join(mine, page)
    if call.state is CallState.RINGING and joined:
        call.state, call.answered_at = CallState.RUNNING, clock.now()
    settle(session, call, parts)
    return read_call(session, call_id)


def _join(part: CallPart, page: CallPage) -> None:
    part.joined_at = part.joined_at or clock.now()
    part.state, part.device, part.socket, part.gone_since = PartState.JOINED, page.device, page.socket, None


def decline_call(session: Session, actor: Actor, call_id: UUID) -> CallRow:
    """Let a call not ring any more on any page of the actor; one that does not ring is left as it is.

    Raises CallNotFound.
    """
    call, parts, mine = _lock_mine(session, actor, call_id)
    if mine.state is PartState.RINGING:
        mine.state = PartState.DECLINED
        settle(session, call, parts)
    return read_call(session, call_id)


def leave_call(session: Session, actor: Actor, call_id: UUID, *, device: str) -> CallRow:
    """Hang up. From a page whose place another one of the same person has taken this changes nothing.

    Raises CallNotFound.
    """
    call, parts, mine = _lock_mine(session, actor, call_id)
    if mine.state is PartState.JOINED and mine.device == device:
        leave(mine)
        settle(session, call, parts)
    return read_call(session, call_id)


def note_lost_line(session: Session, socket: str) -> None:
    """Note that the line of a page has gone: it may come back for a while."""
    session.execute(
        update(CallPart)
        .where(CallPart.socket == socket, CallPart.state == PartState.JOINED)
        .values(socket=None, gone_since=func.coalesce(CallPart.gone_since, clock.now()))
    )


def require_right(session: Session, actor: Actor, conversation_id: UUID) -> None:
    """Refuse who may not write in a conversation now.

    Raises ConversationNotFound, ConversationReadOnly.
    """
    if not get_access(session, actor, conversation_id).may_write:
        raise ConversationReadOnly


def _come_after(session: Session, key: UUID) -> None:
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"call:{key}", 0))))


def _lock(session: Session, call_id: UUID) -> tuple[TalkCall, list[CallPart]]:
    call = session.scalars(
        select(TalkCall).where(TalkCall.id == call_id).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if call is None:
        raise CallNotFound
    parts = session.scalars(
        select(CallPart)
        .where(CallPart.call_id == call_id)
        .order_by(CallPart.account_id)
        .execution_options(populate_existing=True)
    ).all()
    return call, list(parts)


def _lock_mine(session: Session, actor: Actor, call_id: UUID) -> tuple[TalkCall, list[CallPart], CallPart]:
    call, parts = _lock(session, call_id)
    mine = next((part for part in parts if part.account_id == actor.account_id), None)
    if mine is None:
        raise CallNotFound
    return call, parts, mine


# ── what the clock does ───────────────────────────────────────────────────────────────────────────────────────────────


def watch_calls(session: Session, here: Collection[UUID] | None) -> None:
    """Let calls ring out, and let go of who is gone, may no longer write, or speaks with somebody else.

    `here` names who is connected; None where nobody knows, and then only lost lines count.
    """
    for call_id in list_calls_due(session, here, rings_for=RINGS_FOR, lost_after=LOST_AFTER):
        _watch(session, call_id, here)


def _watch(session: Session, call_id: UUID, here: Collection[UUID] | None) -> None:
    call, parts = _lock(session, call_id)
    if call.state is CallState.ENDED:
        return
    before = [part.state for part in parts]
    lost = [part for part in parts if _is_lost(part, here)]
    for part in parts:
        _watch_part(session, call, part, is_lost=part in lost)
    if [part.state for part in parts] != before:
        settle(session, call, parts, is_lost=bool(lost))


def _is_lost(part: CallPart, here: Collection[UUID] | None) -> bool:
    if part.state is not PartState.JOINED:
        return False
    if part.socket is not None and here is not None:
        # The process that held the line may have died without a word; and a Redis that comes back empty knows nobody.
        part.gone_since = None if part.account_id in here else part.gone_since or clock.now()
    return part.gone_since is not None and clock.now() - part.gone_since >= LOST_AFTER


def _watch_part(session: Session, call: TalkCall, part: CallPart, *, is_lost: bool) -> None:
    if part.state not in (PartState.JOINED, PartState.RINGING):
        return
    if not may_take_part(session, part.account_id, call.conversation_id):
        if part.state is PartState.JOINED:
            leave(part)
        else:
            part.state = PartState.DECLINED
    elif is_lost:
        leave(part)
    elif part.state is PartState.RINGING:
        _watch_ringing(session, call, part)


def _watch_ringing(session: Session, call: TalkCall, part: CallPart) -> None:
    if has_joined_elsewhere(session, part.account_id, call.id):
        part.state = PartState.BUSY
    elif clock.now() - call.started_at >= RINGS_FOR:
        part.state = PartState.MISSED
