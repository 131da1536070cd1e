"""How a call ends, and what stays of it: a line in the conversation, and a notice for who missed it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from chat.events import CallMissed
from chat.models import CallEnd, CallKind, CallPart, CallState, PartState, TalkCall
from chat.queries.calls import read_call
from chat.services.messages import post_note
from chat.services.ringing import tell_changed, tell_onlookers
from chat.services.telling import tell_people
from registry_core import clock, outbox

UNANSWERED = frozenset({PartState.MISSED, PartState.BUSY})


def settle(session: Session, call: TalkCall, parts: Sequence[CallPart], *, is_lost: bool = False) -> None:
    """Bring a call in line with who is in it, and tell everybody; `call` is locked.

    A call that rings ends once its caller is gone or nobody is left to answer; one that runs, once nobody is left to
    speak with. `is_lost`: whoever left last did not hang up but lost the line.
    """
    outcome = _outcome(call, parts, is_lost=is_lost)
    if outcome is None:
        session.flush()
        tell_changed(session, read_call(session, call.id))
    else:
        _end(session, call, parts, outcome)


def _outcome(call: TalkCall, parts: Sequence[CallPart], *, is_lost: bool) -> CallEnd | None:
    states = [part.state for part in parts]
    if call.state is CallState.RUNNING:
        is_alone = states.count(PartState.JOINED) <= 1 and PartState.RINGING not in states
        return CallEnd.ANSWERED if is_alone or PartState.JOINED not in states else None
    if PartState.JOINED not in states:
        return CallEnd.FAILED if is_lost else CallEnd.LEFT
    if PartState.RINGING in states:
        return None
    for state, outcome in ((PartState.DECLINED, CallEnd.DECLINED), (PartState.MISSED, CallEnd.MISSED)):
        if state in states:
            return outcome
    return CallEnd.BUSY


def _end(session: Session, call: TalkCall, parts: Sequence[CallPart], outcome: CallEnd) -> None:
    for part in parts:
        if part.state is PartState.JOINED:
            leave(part)
        elif part.state is PartState.RINGING:
            part.state = PartState.MISSED
    call.state, call.outcome, call.ended_at = CallState.ENDED, outcome, clock.now()
    session.flush()
    for part in parts:
        if part.state in UNANSWERED:
            outbox.record(session, CallMissed(call.id, part.account_id))
    ended = read_call(session, call.id)
    with force_locale("zh_Hans"):
        post_note(session, call.conversation_id, body=str(_words(call, ended.starter)))
    tell_changed(session, ended)
    tell_onlookers(session, ended)
    tell_people(session, [one.account_id for one in ended.people], call.conversation_id, "message")


def leave(part: CallPart) -> None:
    """Let somebody be no longer in a call."""
    part.state, part.socket, part.gone_since = PartState.LEFT, None, None


def _words(call: TalkCall, name: str) -> LazyString:
    kind = _l("语音通话") if call.kind is CallKind.VOICE else _l("视频通话")
    values = {"name": name, "kind": kind}
    if call.outcome is CallEnd.ANSWERED:
        return _l("%(name)s的%(kind)s：已接通 %(length)s", **values, length=_length(call.answered_at, call.ended_at))
    sentences = {
        CallEnd.DECLINED: _l("%(name)s的%(kind)s：对方没有接", **values),
        CallEnd.MISSED: _l("%(name)s的%(kind)s：未接来电", **values),
        CallEnd.BUSY: _l("%(name)s的%(kind)s：对方忙", **values),
        CallEnd.LEFT: _l("%(name)s的%(kind)s：未接来电（已取消）", **values),
        CallEnd.FAILED: _l("%(name)s的%(kind)s：没有接通（网络中断）", **values),
    }
    return sentences[call.outcome or CallEnd.FAILED]


def _length(start: datetime | None, end: datetime | None) -> LazyString:
    seconds = round((end - start).total_seconds()) if start and end else 0
    minutes, rest = divmod(seconds, 60)
    if minutes:
        return _l("%(minutes)s 分 %(seconds)s 秒", minutes=minutes, seconds=rest)
    return _l("%(seconds)s 秒", seconds=rest)
