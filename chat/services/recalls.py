"""Messages posted in the wrong place: reported by who reads them, recalled by their sender or an administrator.

A recall has no time limit. The message is gone for everybody in the same transaction that lists whom it had reached;
where there is a person's data in it, that transaction opens an incident too, under which the text stays sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chat import policies, queries
from chat.errors import ConversationNotFound, MessageNotFound, MessageTakenBack, MustSayWhy, NotYoursToRecall
from chat.events import MessageRecalled, MisplacedReported
from chat.models import (
    Conversation,
    Message,
    MessageKind,
    MessageRevision,
    MisplacedReport,
    Recall,
    RecallReach,
    ReportState,
    RevisionAct,
)
from chat.models.recalls import LONGEST_REASON
from chat.policies import RECALL_MESSAGES
from chat.queries import recalls
from chat.services.acts import change_message
from registry_core import audit, clock, outbox
from registry_core.access.actors import Actor, require
from registry_core.incidents.models import Incident, IncidentKind
from registry_core.incidents.services import Happening, open_incident
from registry_core.personal_numbers import cover_numbers, find_numbers
from registry_core.texts import clean_text


@dataclass(frozen=True, slots=True)
class Recalling:
    """Why a message is recalled, and whether who recalls it says that there is a person's data in it."""

    reason: str
    has_personal: bool


def recall_message(session: Session, actor: Actor, conversation_id: UUID, number: int, recalling: Recalling) -> Recall:
    """Recall one's own message at any time, or one that the actor may read, of somebody whose unit they answer for.

    Raises ConversationNotFound, MessageNotFound, NotYoursToRecall, MustSayWhy.
    """
    message = _lock_message(session, conversation_id, number)
    is_own = message is not None and message.sender_id == actor.account_id
    if not is_own and not policies.access_to(session, actor, conversation_id).may_read:
        raise ConversationNotFound
    if message is None:
        raise MessageNotFound
    unit_id = _unit_of(session, actor, message)
    if not is_own and not recalls.answers_for(session, actor, unit_id):
        raise NotYoursToRecall
    return _recall(session, actor, message, unit_id, recalling)


def recall_reported(session: Session, actor: Actor, report_id: UUID, recalling: Recalling) -> Recall:
    """Recall a message that was reported, of somebody whose unit the actor answers for.

    Raises Forbidden, ReportNotFound, MustSayWhy.
    """
    require(actor, RECALL_MESSAGES)
    row = recalls.get_report(session, actor, report_id)
    message = _lock_message(session, row.conversation_id, row.number)
    if message is None:
        raise MessageNotFound
    return _recall(session, actor, message, row.report.unit_id, recalling)


def dismiss_report(session: Session, actor: Actor, report_id: UUID) -> None:
    """Leave a reported message where it is; nobody decides so about their own.

    Raises Forbidden, ReportNotFound, NotYoursToRecall.
    """
    require(actor, RECALL_MESSAGES)
    row = recalls.get_report(session, actor, report_id)
    if row.sender_id in {actor.account_id, actor.on_behalf_of}:
        raise NotYoursToRecall
    if row.report.state is ReportState.OPEN:
        row.report.decide(ReportState.DISMISSED, actor.account_id, clock.now())
        session.flush()
        about = audit.Subject("message", row.report.message_id, row.report.unit_id)
        audit.note(session, actor, "chat.report.dismissed", about=about)


def report_message(session: Session, actor: Actor, conversation_id: UUID, number: int, *, reason: str) -> bool:
    """Put a message before the administrators of its sender; say whether it was not there already.

    Raises ConversationNotFound, MessageNotFound, MessageTakenBack, MustSayWhy.
    """
    queries.get_access(session, actor, conversation_id)
    why = _said(reason)
    message = _lock_message(session, conversation_id, number)
    if message is None:
        raise MessageNotFound
    if message.taken_back_at is not None:
        raise MessageTakenBack
    if recalls.find_open_report(session, message.id) is not None:
        return False
    unit_id = _unit_of(session, actor, message)
    report = MisplacedReport(message_id=message.id, unit_id=unit_id, by_id=actor.account_id, at=clock.now(), reason=why)
    session.add(report)
    session.flush()
    audit.note(session, actor, "chat.message.reported", about=audit.Subject("message", message.id, unit_id))
    outbox.record(session, MisplacedReported(report.id))
    return True


def _lock_message(session: Session, conversation_id: UUID, number: int) -> Message | None:
    """Find what a person said, with the counter of its conversation locked."""
    session.execute(select(Conversation.id).where(Conversation.id == conversation_id).with_for_update())
    return session.scalar(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.number == number, Message.kind == MessageKind.TEXT)
        .execution_options(populate_existing=True)
    )


def _unit_of(session: Session, actor: Actor, message: Message) -> UUID:
    unit_id = recalls.find_standing_unit(session, message.sender_id) if message.sender_id else None
    if unit_id is not None:
        return unit_id
    if actor.home is None:
        raise NotYoursToRecall
    return actor.home.unit_id


def _recall(session: Session, actor: Actor, message: Message, unit_id: UUID, recalling: Recalling) -> Recall:
    """Recall a message once; a second time gives the first recall back."""
    known = session.get(Recall, message.id)
    if known is not None:
        return known
    why = _said(recalling.reason)
    reached = recalls.read_reach(session, message)
    incident = _open_incident(session, actor, message, unit_id, recalling, reached=len(reached))
    _empty(session, actor, message)
    recall = Recall(
        message_id=message.id,
        unit_id=unit_id,
        by_id=actor.account_id,
        at=clock.now(),
        reason=why,
        has_personal=incident is not None,
        incident_id=incident.id if incident else None,
    )
    session.add(recall)
    session.flush()
    session.add_all(
        RecallReach(
            message_id=message.id,
            account_id=one.account_id,
            is_delivered=one.is_delivered,
            is_read=one.is_read,
            opened=one.opened,
            has_revealed=one.has_revealed,
            told_by=list(one.told_by),
        )
        for one in reached
    )
    report = recalls.find_open_report(session, message.id)
    if report is not None:
        report.decide(ReportState.RECALLED, actor.account_id, clock.now())
    session.flush()
    audit.note(session, actor, "chat.message.recalled", about=audit.Subject("message", message.id, unit_id))
    outbox.record(session, MessageRecalled(message.id, message.conversation_id, message.number))
    return recall


def _empty(session: Session, actor: Actor, message: Message) -> None:
    """Take the message away for everybody; its text goes where texts that messages had are kept."""
    now, before = clock.now(), message.body
    was_there = message.taken_back_at is None
    change = change_message(
        session, actor, message, body="", taken_back_at=message.taken_back_at or now, recalled_at=now
    )
    if was_there:
        session.add(
            MessageRevision(
                conversation_id=message.conversation_id,
                change=change,
                message_id=message.id,
                act=RevisionAct.TAKE_BACK,
                body=before,
                account_id=actor.account_id,
                at=now,
            )
        )
    session.flush()


def _open_incident(
    session: Session, actor: Actor, message: Message, unit_id: UUID, recalling: Recalling, *, reached: int
) -> Incident | None:
    """Put it on record where there is a person's data in it: numbers are found, anything else somebody has to say."""
    files = recalls.list_file_names(session, message.id)
    said = [body for body, _until in recalls.list_texts(session, message)] + [name for _id, name in files]
    kinds = sorted({found.kind.value for words in said for found in find_numbers(words)})
    if not kinds and not recalling.has_personal:
        return None
    happening = Happening(
        IncidentKind.MISPLACED_MESSAGE,
        unit_id,
        message.sender_id,
        {"kinds": kinds, "files": len(files), "is_stated": recalling.has_personal},
        reached,
    )
    return open_incident(session, actor, happening)


def _said(reason: str) -> str:
    words = " ".join(clean_text(reason).split())
    if not words:
        raise MustSayWhy
    return cover_numbers(words)[:LONGEST_REASON]
