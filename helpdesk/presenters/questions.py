"""Questions in lists and one question on the asker's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from chat.models import Message
from chat.presence import Presence
from chat.presenters import ConversationView, view_conversation
from chat.queries import count_unread
from helpdesk import policies
from helpdesk.models import Desk, ProblemRecord, Ticket, TicketState, TicketStep
from helpdesk.presenters.ladders import (
    Ladder,
    Place,
    count_free,
    ladder_of_ticket,
    read_standings,
    read_ways,
)
from helpdesk.presenters.words import ICONS, TONES, Names, state_label, step_text
from helpdesk.queries.tickets import find_record, list_steps
from registry_core.access.actors import Actor
from registry_core.accounts.models import Account
from registry_core.orgs.models import OrgUnit


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question in a list."""

    id: UUID
    title: str
    state: str
    state_label: str
    tone: str
    asked_at: datetime
    answered_by: str | None
    unread: int
    ladder: Ladder
    url: str


@dataclass(frozen=True, slots=True)
class EventLine:
    """A step in words."""

    text: str
    at: datetime
    icon: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """The open template, prefilled with what is known."""

    happened: str
    tried: str
    place: str
    since: str
    pupils: int | None
    urgency: str
    reach: str


@dataclass(frozen=True, slots=True)
class ResolutionView:
    """The written answer, by whom and when."""

    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question with all that its page shows."""

    id: UUID
    title: str
    state: str
    state_label: str
    tone: str
    asked_at: datetime
    answered_by: str | None
    unread: int
    ladder: Ladder
    url: str
    conversation: ConversationView
    record: RecordView | None
    record_summary: str | None
    resolution: ResolutionView | None
    may_confirm: bool
    may_reopen: bool
    events: tuple[EventLine, ...]
    why: str


def list_rows(
    session: Session, actor: Actor, tickets: Sequence[Ticket], *, console: bool = False
) -> tuple[QuestionRow, ...]:
    """Present a list of questions; the whole list costs a handful of queries."""
    names = read_names(session, [ticket.handler_id for ticket in tickets], [])
    standings = read_standings(session, tickets, names.people)
    places = read_places(session, [ticket.unit_id for ticket in tickets])
    unread = count_unread(session, actor.account_id, [ticket.conversation_id for ticket in tickets])
    return tuple(
        QuestionRow(
            ticket.id,
            ticket.title,
            ticket.state.value,
            state_label(ticket.state),
            TONES[ticket.state],
            ticket.asked_at,
            standings[ticket.id].handler_name if ticket.state is TicketState.TALKING else None,
            unread.get(ticket.conversation_id, 0),
            ladder_of_ticket(
                places[ticket.unit_id], standings[ticket.id], {}, for_asker=ticket.requester_id == actor.account_id
            ),
            question_url(ticket.id, console=console),
        )
        for ticket in tickets
    )


def question_url(ticket_id: UUID, *, console: bool) -> str:
    """Say where a question is read: the console for who answers, its own page for who asked."""
    return url_for("helpdesk.console" if console else "helpdesk.show_question", ticket_id=ticket_id)


def view_question(session: Session, presence: Presence, actor: Actor, ticket: Ticket, *, at: int = 0) -> QuestionView:
    """Present one question to its asker, its conversation at the end or around a message."""
    steps = list_steps(session, ticket.id)
    names = names_in(session, ticket, steps)
    place = read_places(session, [ticket.unit_id])[ticket.unit_id]
    standing = read_standings(session, [ticket], names.people)[ticket.id]
    record = find_record(session, ticket.id)
    ladder = ladder_of_ticket(
        place,
        standing,
        count_free(session, presence, place.desks),
        for_asker=ticket.requester_id == actor.account_id,
    )
    may_confirm = policies.may_confirm(ticket, actor.account_id)
    return QuestionView(
        ticket.id,
        ticket.title,
        ticket.state.value,
        state_label(ticket.state),
        TONES[ticket.state],
        ticket.asked_at,
        standing.handler_name if ticket.state is TicketState.TALKING else None,
        0,
        ladder,
        question_url(ticket.id, console=False),
        view_conversation(
            session, actor, ticket.conversation_id, may_write=policies.may_write(ticket, actor.account_id), at=at
        ),
        view_record(session, ticket, record),
        record_summary(record),
        view_resolution(ticket, names),
        may_confirm,
        may_confirm,
        event_lines(steps, names),
        why_here(steps, names),
    )


def event_lines(steps: Sequence[TicketStep], names: Names) -> tuple[EventLine, ...]:
    """Say every step, latest first."""
    return tuple(EventLine(step_text(step, names), step.at, ICONS[step.kind]) for step in reversed(steps))


def why_here(steps: Sequence[TicketStep], names: Names) -> str:
    """Say in words why a question is where it is: its last two steps."""
    return _("；").join(step_text(step, names) for step in steps[-2:]) + _("。")


def view_record(session: Session, ticket: Ticket, record: ProblemRecord | None) -> RecordView | None:
    """Present the template where it is open: nobody answers, and the asker has not submitted it."""
    if record is None or record.submitted_at is not None or ticket.state is not TicketState.WAITING:
        return None
    if ticket.may_climb:
        return None
    asker = session.get_one(Account, ticket.requester_id)
    return RecordView(
        happened=first_words(session, ticket),
        tried="",
        place=ticket.page,
        since="",
        pupils=None,
        urgency=record.urgency.value,
        reach=asker.mobile or asker.email or "",
    )


def first_words(session: Session, ticket: Ticket) -> str:
    """Return what was written when asking."""
    return session.scalars(
        select(Message.body).where(Message.conversation_id == ticket.conversation_id, Message.number == 1)
    ).one()


def record_summary(record: ProblemRecord | None) -> str | None:
    """Say what the asker left, line by line."""
    if record is None or record.submitted_at is None:
        return None
    urgency = {"low": _("不急"), "normal": _("一般"), "high": _("很急")}[record.urgency.value]
    lines = (
        (_("发生了什么"), record.happened),
        (_("我试过什么"), record.tried),
        (_("在哪里"), record.place),
        (_("从什么时候开始"), record.since),
        (_("涉及多少名学生"), "" if record.pupils is None else str(record.pupils)),
        (_("有多急"), urgency),
        (_("怎么联系"), record.reach),
    )
    return "\n".join(_("%(label)s：%(value)s", label=label, value=value) for label, value in lines if value)


def view_resolution(ticket: Ticket, names: Names) -> ResolutionView | None:
    """Present the written answer."""
    if ticket.resolution is None or ticket.resolved_at is None:
        return None
    return ResolutionView(ticket.resolution, names.person(ticket.resolved_by_id), ticket.resolved_at)


def names_in(session: Session, ticket: Ticket, steps: Sequence[TicketStep]) -> Names:
    """Read the names of everybody and every desk in a question's steps."""
    people = [ticket.handler_id, ticket.resolved_by_id, ticket.requester_id]
    people += [step.actor_id for step in steps]
    people += [UUID(str(step.details["account_id"])) for step in steps if step.details.get("account_id")]
    desks = [ticket.custody_desk_id, *(step.desk_id for step in steps)]
    desks += [UUID(str(step.details["to_desk_id"])) for step in steps if step.details.get("to_desk_id")]
    return read_names(session, people, desks)


def read_names(session: Session, people: Sequence[UUID | None], desks: Sequence[UUID | None]) -> Names:
    """Read names of accounts and desks."""
    accounts = {one for one in people if one is not None}
    rows = session.execute(select(Account.id, Account.name).where(Account.id.in_(accounts))).all() if accounts else []
    wanted = {one for one in desks if one is not None}
    desk_rows = session.execute(select(Desk.id, Desk.name).where(Desk.id.in_(wanted))).all() if wanted else []
    return Names({row[0]: row[1] for row in rows}, {row[0]: row[1] for row in desk_rows})


def read_places(session: Session, unit_ids: Sequence[UUID]) -> dict[UUID, Place]:
    """Read the ways up from units, given by their ids."""
    found = session.execute(select(OrgUnit.id, OrgUnit.path).where(OrgUnit.id.in_(set(unit_ids)))).all()
    ways = read_ways(session, [path for _unit_id, path in found])
    return {unit_id: ways[path] for unit_id, path in found}
