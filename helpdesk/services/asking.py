"""What the asker does: ask, leave a record, confirm, reopen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from chat import services as chat
from chat.presence import Presence
from helpdesk import policies
from helpdesk.errors import NoDeskAbove, NotYourTicket, NoUnit, TextMissing, TicketNotOpen
from helpdesk.events import QuestionAsked, TicketClosed, TicketReopened
from helpdesk.models import (
    Channel,
    Custody,
    CustodyReason,
    ProblemRecord,
    StepKind,
    Ticket,
    TicketState,
    Urgency,
)
from helpdesk.queries import tickets
from helpdesk.queries.chains import ChainDesk, list_chain
from helpdesk.queries.successions import find_successor
from helpdesk.services.routing import begin_search, route
from helpdesk.services.steps import add_step, move_screens, say
from registry_core import clock, outbox
from registry_core.access.actors import Actor, Assignment, require
from registry_core.accounts.models import Account
from registry_core.db import new_id
from registry_core.personal_numbers import cover_numbers

TITLE_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Question:
    """What a person sends when asking: the words, the sender's own id, and where they were."""

    body: str
    client_id: str
    page: str = ""
    browser: str = ""


@dataclass(frozen=True, slots=True)
class RecordDetails:
    """What the problem-record template asks. Source: file 003 annex 2, article 16 (2)."""

    tried: str
    place: str
    happened: str
    since: str
    pupils: int | None
    urgency: Urgency
    reach: str


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom a question stands: the person, the unit and role they ask from, and how it came in.

    A guest holds no role.
    """

    actor: Actor
    unit_id: UUID
    unit_path: str
    role: str
    channel: Channel = Channel.LIVE
    caller: str = ""

    @classmethod
    def at_home(cls, actor: Actor, home: Assignment, channel: Channel = Channel.LIVE, caller: str = "") -> Asker:
        """Let somebody ask from the unit that stands for them."""
        return cls(actor, home.unit_id, home.unit_path, home.role.value, channel, caller)


def ask_question(session: Session, presence: Presence, actor: Actor, question: Question) -> Ticket:
    """Ask: question, conversation, first message, custody and the first ring in one transaction.

    The same `client_id` again gives the question that it made before.
    Raises Forbidden, NoUnit, NoDeskAbove, MessageEmpty, MessageTooLong, MessageNotText.
    """
    require(actor, policies.ASK)
    if actor.home is None:
        raise NoUnit
    ask_one_at_a_time(session, actor.account_id)
    known = tickets.find_by_client_id(session, actor, question.client_id)
    if known is not None:
        return known
    ticket = open_ticket(session, Asker.at_home(actor, actor.home), question)
    route(session, presence, ticket)
    return ticket


def open_ticket(session: Session, asker: Asker, question: Question) -> Ticket:
    """Store a question with its conversation and custody, before anybody is rung."""
    body = chat.checked_body(question.body)
    desk = nearest_desk(session, asker.unit_path)
    at = clock.now()
    conversation = chat.open_conversation(session, account_ids=[asker.actor.account_id])
    ticket = Ticket(
        id=new_id(),
        conversation_id=conversation.id,
        requester_id=asker.actor.account_id,
        client_id=question.client_id,
        unit_id=asker.unit_id,
        role=asker.role,
        # Lists, notices and mails carry the title to whoever has to do with the question.
        title=cover_numbers(body.splitlines()[0])[:TITLE_LENGTH],
        channel=asker.channel,
        caller=asker.caller,
        page=question.page[:300],
        browser=question.browser[:300],
        state=TicketState.RINGING,
        custody_desk_id=desk.id,
        custody_open=True,
        may_climb=False,
        search_from=at,
        steps=0,
        asked_at=at,
    )
    session.add(ticket)
    # The two rows refer to each other: the ticket goes first, and its own reference is checked at commit.
    session.flush()
    session.add(Custody(id=new_id(), ticket_id=ticket.id, desk_id=desk.id, reason=CustodyReason.ASKED, since=at))
    session.flush()
    add_step(session, ticket, StepKind.ASKED, at, by=asker.actor.account_id)
    chat.post_message(session, asker.actor, conversation.id, client_id=question.client_id, body=body)
    outbox.record(session, QuestionAsked(ticket.id, desk.id))
    move_screens(session, ticket)
    return ticket


def submit_record(
    session: Session, presence: Presence, actor: Actor, ticket_id: UUID, details: RecordDetails
) -> Ticket:
    """Submit the problem record: from now on the question may climb level by level.

    A question that somebody took meanwhile keeps the record and goes on as it is. What was submitted stays as it was
    written: a form sent twice changes nothing the second time.
    Raises QuestionNotFound, NotYourTicket, TicketNotOpen.
    """
    ticket = _get_own(session, actor, ticket_id)
    if ticket.state in (TicketState.RESOLVED, TicketState.CLOSED):
        raise TicketNotOpen
    at = clock.now()
    record = tickets.find_record(session, ticket.id)
    if record is None:
        raise TicketNotOpen
    if record.submitted_at is not None:
        return ticket
    _fill(record, details, at)
    add_step(session, ticket, StepKind.RECORD_SUBMITTED, at, by=actor.account_id)
    # Also where somebody answers by now: should they have to leave it, the asker need not write the record again.
    ticket.may_climb = True
    if ticket.state is TicketState.WAITING:
        ticket.state = TicketState.RINGING
    session.flush()
    route(session, presence, ticket)
    move_screens(session, ticket)
    return ticket


def confirm_resolution(session: Session, actor: Actor, ticket_id: UUID) -> Ticket:
    """Confirm that the answer helped: the question is closed and leaves its desk's custody.

    Raises QuestionNotFound, NotYourTicket, TicketNotOpen.
    """
    ticket = _get_own(session, actor, ticket_id)
    if not policies.may_confirm(ticket, actor.account_id):
        raise TicketNotOpen
    add_step(session, ticket, StepKind.CONFIRMED, clock.now(), by=actor.account_id)
    close_ticket(session, ticket, note=_l("提问人确认问题已解决，谢谢。"))
    return ticket


def close_ticket(session: Session, ticket: Ticket, *, note: LazyString) -> None:
    """Close an answered question, whose row is locked: it leaves its desk's custody with a last line."""
    at = clock.now()
    custody = get_open_custody(session, ticket)
    ticket.state = TicketState.CLOSED
    ticket.closed_at = at
    ticket.custody_open = None
    session.flush()
    custody.end(at)
    say(session, ticket, note)
    outbox.record(session, TicketClosed(ticket.id))
    move_screens(session, ticket)


def reopen_question(session: Session, presence: Presence, actor: Actor, ticket_id: UUID, *, reason: str) -> Ticket:
    """Say that it is not solved: the desk that answered searches again, who answered first.

    Raises QuestionNotFound, NotYourTicket, TicketNotOpen, TextMissing.
    """
    if not reason.strip():
        raise TextMissing
    ticket = _get_own(session, actor, ticket_id)
    if not policies.may_confirm(ticket, actor.account_id):
        raise TicketNotOpen
    at = clock.now()
    resolver_id = _find_resolver(session, ticket, at)
    add_step(session, ticket, StepKind.REOPENED, at, by=actor.account_id, reason=reason, resolution=ticket.resolution)
    ticket.resolution = ticket.resolved_at = ticket.resolved_by_id = None
    begin_search(ticket, at=at, may_climb=True, prefer_id=resolver_id)
    session.flush()
    say(session, ticket, _l("提问人表示还没有解决：%(reason)s", reason=reason.strip()))
    outbox.record(session, TicketReopened(ticket.id, resolver_id))
    route(session, presence, ticket)
    move_screens(session, ticket)
    return ticket


def _find_resolver(session: Session, ticket: Ticket, at: datetime) -> UUID | None:
    """Find who gave the answer, or who has taken their post over since."""
    if ticket.resolved_by_id is None:
        return None
    return find_successor(session, ticket.resolved_by_id, ticket.custody_desk_id, at=at) or ticket.resolved_by_id


def get_open_custody(session: Session, ticket: Ticket) -> Custody:
    """Load the custody that is open; the database holds that there is exactly one."""
    return session.scalars(select(Custody).where(Custody.ticket_id == ticket.id, Custody.is_open.is_(True))).one()


def ask_one_at_a_time(session: Session, account_id: UUID) -> None:
    """Let one person ask one question at a time: of a form sent twice at once the second must find the first."""
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update(key_share=True))


def _get_own(session: Session, actor: Actor, ticket_id: UUID) -> Ticket:
    ticket = tickets.get_ticket(session, actor, ticket_id, for_update=True)
    if ticket.requester_id != actor.account_id:
        raise NotYourTicket(_l("只有提问人自己才能这样操作。"))
    return ticket


def nearest_desk(session: Session, unit_path: str) -> ChainDesk:
    """Find the lowest desk on the way up from a unit.

    Raises NoDeskAbove.
    """
    chain = list_chain(session, unit_path)
    if not chain:
        raise NoDeskAbove
    return chain[0]


def _fill(record: ProblemRecord, details: RecordDetails, at: datetime) -> None:
    record.tried = details.tried
    record.place = details.place
    record.happened = details.happened
    record.since = details.since
    record.pupils = details.pupils
    record.urgency = details.urgency
    record.reach = details.reach
    record.submitted_at = at
