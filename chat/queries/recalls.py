"""Reads about messages posted in the wrong place: whom they had reached, recalls, reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from chat.errors import RecallNotFound, ReportNotFound
from chat.models import (
    DirectTalk,
    Message,
    MessageFile,
    MessageRevision,
    MisplacedReport,
    Participant,
    Recall,
    RecallReach,
    ReportState,
    TalkGroup,
)
from chat.policies import RECALL_MESSAGES
from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account
from registry_core.audit.models import AuditEntry
from registry_core.audit.services import READ
from registry_core.away.models import ToldWord
from registry_core.incidents.models import Incident
from registry_core.orgs.models import OrgUnit

MOST_SHOWN = 200
FILE_OPENED = "files.opened"
_Sender = aliased(Account)
_By = aliased(Account)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a message had got to one person."""

    account_id: UUID
    is_delivered: bool
    is_read: bool
    opened: int
    has_revealed: bool
    told_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReachedPerson:
    """The same with the person's name, and the unit where they work now."""

    reach: Reach
    name: str
    unit_name: str


@dataclass(frozen=True, slots=True)
class RecallRow:
    """A recall with what its page says of it."""

    recall: Recall
    sender_id: UUID
    sent_at: datetime
    conversation_id: UUID
    number: int
    sender: str
    by: str
    unit_name: str
    reached: int
    incident: Incident | None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report with what its page says of it; `body` is not covered yet."""

    report: MisplacedReport
    conversation_id: UUID
    number: int
    body: str
    sent_at: datetime
    sender_id: UUID
    sender: str
    by: str
    unit_name: str
    files: int


def read_reach(session: Session, message: Message) -> list[Reach]:
    """Say whom a message has reached until now: by marks, by what they opened, by the word that went out of it."""
    marks = {
        row.account_id: (row.delivered_up_to >= message.number, row.read_up_to >= message.number)
        for row in session.scalars(
            select(Participant).where(
                Participant.conversation_id == message.conversation_id,
                Participant.delivered_up_to >= message.number,
            )
        )
    }
    opened = _count_opened(session, message)
    revealed = _list_revealed(session, message)
    told = _list_told(session, message)
    people = {*marks, *opened, *revealed, *told} - {message.sender_id}
    return [
        Reach(one, *marks.get(one, (False, False)), opened.get(one, 0), one in revealed, told.get(one, ()))
        for one in sorted(people)
    ]


def _count_opened(session: Session, message: Message) -> dict[UUID, int]:
    ids = select(cast(MessageFile.file_id, String)).where(MessageFile.message_id == message.id)
    rows = session.execute(
        select(AuditEntry.account_id, func.count())
        .where(AuditEntry.kind == "file", AuditEntry.object_id.in_(ids), AuditEntry.act == FILE_OPENED)
        .group_by(AuditEntry.account_id)
    )
    return {account_id: count for account_id, count in rows if account_id}


def _list_revealed(session: Session, message: Message) -> frozenset[UUID]:
    rows = session.scalars(
        select(AuditEntry.account_id)
        .where(AuditEntry.kind == "message", AuditEntry.object_id == str(message.id), AuditEntry.act == READ)
        .distinct()
    )
    return frozenset(one for one in rows if one)


def _list_told(session: Session, message: Message) -> dict[UUID, tuple[str, ...]]:
    """List to whom word of a new message, without its text, went out after it was sent."""
    begins = f"talk:{message.conversation_id}:"
    there = select(Participant.account_id).where(Participant.conversation_id == message.conversation_id)
    rows = session.execute(
        select(ToldWord.account_id, ToldWord.way, ToldWord.thing).where(
            ToldWord.account_id.in_(there),
            ToldWord.thing.startswith(begins, autoescape=True),
            ToldWord.told_at >= message.sent_at,
        )
    )
    told: dict[UUID, set[str]] = {}
    for account_id, way, thing in rows:
        # The thing names the first unread message; what came before this one was read by then.
        if int(thing.removeprefix(begins)) <= message.number:
            told.setdefault(account_id, set()).add(way.value)
    return {account_id: tuple(sorted(ways)) for account_id, ways in told.items()}


def find_standing_unit(session: Session, account_id: UUID) -> UUID | None:
    """Find the unit that answers for somebody: where they work, else where they worked last."""
    return session.scalars(
        select(RoleAssignment.unit_id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(RoleAssignment.account_id == account_id, RoleAssignment.valid_from <= clock.now())
        .order_by(RoleAssignment.valid_until.desc().nulls_first(), OrgUnit.level.desc(), OrgUnit.path.desc())
        .limit(1)
    ).first()


def answers_for(session: Session, actor: Actor, unit_id: UUID) -> bool:
    """Say whether the actor is an administrator of a unit, or above it."""
    scope = visible_units(actor, RECALL_MESSAGES)
    found = session.scalar(select(OrgUnit.id).where(OrgUnit.id == unit_id, scope.clause(OrgUnit.path)))
    return found is not None


def list_texts(session: Session, message: Message) -> list[tuple[str, datetime]]:
    """List what a message said and until when, the earliest first; what it says now comes last."""
    rows = session.execute(
        select(MessageRevision.body, MessageRevision.at)
        .where(MessageRevision.message_id == message.id)
        .order_by(MessageRevision.change)
    )
    texts = [(body, at) for body, at in rows]
    return texts if message.taken_back_at else [*texts, (message.body, clock.now())]


def list_file_names(session: Session, message_id: UUID) -> list[tuple[UUID, str]]:
    """List the files that were sent with a message, also where it was taken back."""
    rows = session.execute(
        select(MessageFile.file_id, MessageFile.name)
        .where(MessageFile.message_id == message_id)
        .order_by(MessageFile.place)
    )
    return [(file_id, name) for file_id, name in rows]


def _recalls() -> Select[Recall, UUID, datetime, UUID, int, str, str, str, int, Incident]:
    reached = select(func.count()).where(RecallReach.message_id == Recall.message_id).scalar_subquery()
    return (
        select(
            Recall,
            Message.sender_id,
            Message.sent_at,
            Message.conversation_id,
            Message.number,
            _Sender.name,
            _By.name,
            OrgUnit.name,
            reached,
            Incident,
        )
        .join(Message, Message.id == Recall.message_id)
        .join(_Sender, _Sender.id == Message.sender_id)
        .join(_By, _By.id == Recall.by_id)
        .join(OrgUnit, OrgUnit.id == Recall.unit_id)
        .outerjoin(Incident, Incident.id == Recall.incident_id)
    )


def list_recalls(session: Session, actor: Actor) -> list[RecallRow]:
    """List the recalls of messages of people of the actor's units and those below, the latest first."""
    query = _recalls().where(_within(actor)).order_by(Recall.at.desc()).limit(MOST_SHOWN)
    return [RecallRow(*row) for row in session.execute(query)]


def get_recall(session: Session, actor: Actor, message_id: UUID) -> RecallRow:
    """Get a recall: of one's own message, one that one made, or one within the units that one answers for.

    Raises RecallNotFound.
    """
    mine = or_(Message.sender_id == actor.account_id, Recall.by_id == actor.account_id)
    row = session.execute(_recalls().where(Recall.message_id == message_id, or_(mine, _within(actor)))).one_or_none()
    if row is None:
        raise RecallNotFound
    return RecallRow(*row)


def find_recall_of(session: Session, incident_id: UUID) -> Recall:
    """Find the recall under an incident, for a caller that has checked the right."""
    return session.scalars(select(Recall).where(Recall.incident_id == incident_id)).one()


def list_reached(session: Session, message_id: UUID) -> list[ReachedPerson]:
    """List whom a recalled message had reached, by name, for a caller that has checked the right."""
    unit = (
        select(OrgUnit.name)
        .join(RoleAssignment, RoleAssignment.unit_id == OrgUnit.id)
        .where(RoleAssignment.account_id == RecallReach.account_id, held_at(clock.now()))
        .order_by(OrgUnit.level.desc(), OrgUnit.path.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(RecallReach, Account.name, unit)
        .join(Account, Account.id == RecallReach.account_id)
        .where(RecallReach.message_id == message_id)
        .order_by(RecallReach.is_read.desc(), func.pinyin_key(Account.name), Account.id)
    )
    return [
        ReachedPerson(
            Reach(one.account_id, one.is_delivered, one.is_read, one.opened, one.has_revealed, tuple(one.told_by)),
            name,
            unit_name or "",
        )
        for one, name, unit_name in rows
    ]


def _reports() -> Select[MisplacedReport, UUID, int, str, datetime, UUID, str, str, str, int]:
    files = select(func.count()).where(MessageFile.message_id == Message.id).scalar_subquery()
    return (
        select(
            MisplacedReport,
            Message.conversation_id,
            Message.number,
            Message.body,
            Message.sent_at,
            Message.sender_id,
            _Sender.name,
            _By.name,
            OrgUnit.name,
            files,
        )
        .join(Message, Message.id == MisplacedReport.message_id)
        .join(_Sender, _Sender.id == Message.sender_id)
        .join(_By, _By.id == MisplacedReport.by_id)
        .join(OrgUnit, OrgUnit.id == MisplacedReport.unit_id)
    )


def list_open_reports(session: Session, actor: Actor) -> list[ReportRow]:
    """List the reports that wait for a decision about people of the actor's units and those below, oldest first."""
    query = _reports().where(_within(actor), MisplacedReport.state == ReportState.OPEN)
    return [ReportRow(*row) for row in session.execute(query.order_by(MisplacedReport.at).limit(MOST_SHOWN))]


def get_report(session: Session, actor: Actor, report_id: UUID) -> ReportRow:
    """Get a report about somebody of the units that the actor answers for, and hold its row.

    Raises ReportNotFound.
    """
    query = _reports().where(MisplacedReport.id == report_id, _within(actor)).with_for_update(of=MisplacedReport)
    row = session.execute(query).one_or_none()
    if row is None:
        raise ReportNotFound
    return ReportRow(*row)


def find_open_report(session: Session, message_id: UUID) -> MisplacedReport | None:
    """Find the report about a message that waits for a decision."""
    return session.scalars(
        select(MisplacedReport)
        .where(MisplacedReport.message_id == message_id, MisplacedReport.state == ReportState.OPEN)
        .with_for_update()
    ).one_or_none()


def list_places(session: Session, conversation_ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Say of what kind conversations are, and what groups are called, for who does not belong to them."""
    groups = session.execute(
        select(TalkGroup.conversation_id, TalkGroup.name).where(TalkGroup.conversation_id.in_(conversation_ids))
    )
    places = {conversation_id: ("group", name) for conversation_id, name in groups}
    direct = select(DirectTalk.conversation_id).where(DirectTalk.conversation_id.in_(conversation_ids))
    return places | dict.fromkeys(session.scalars(direct), ("direct", ""))


def _within(actor: Actor) -> ColumnElement[bool]:
    return visible_units(actor, RECALL_MESSAGES).clause(OrgUnit.path)
