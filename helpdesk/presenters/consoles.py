"""The technician's console: queue, who is asking, what rings, and the presence switch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chat.presence import Presence
from chat.presenters import ConversationView, initials
from helpdesk import policies
from helpdesk.models import Desk, Duty, Offer, StepKind, Ticket, TicketState, TicketStep
from helpdesk.presenters.ladders import Ladder
from helpdesk.presenters.questions import (
    EventLine,
    QuestionRow,
    RecordView,
    ResolutionView,
    list_rows,
    view_question,
)
from helpdesk.queries import tickets
from helpdesk.queries.technicians import list_desks_of
from helpdesk.services.answering import desk_to_return_to, next_desk_above
from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.access.roles import DEFINITIONS
from registry_core.accounts.browsers import name_browser
from registry_core.accounts.models import Account
from registry_core.orgs.models import OrgUnit
from registry_core.orgs.queries import path_names


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Who is asking."""

    name: str
    initials: str
    level: str
    unit_path: str
    role_label: str
    phone: str
    email: str
    is_connected: bool | None


@dataclass(frozen=True, slots=True)
class Context:
    """From where the question was asked."""

    page: str
    browser: str
    channel: str
    caller: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """One question as its technician sees it."""

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
    asker: PersonCard
    context: Context
    history: tuple[QuestionRow, ...]
    may_pass_up: bool
    next_desk_name: str | None
    may_return: bool
    return_desk_name: str | None
    may_resolve: bool
    may_write: bool
    may_take: bool
    summary: str | None
    advice: str | None
    is_unverified: bool
    may_verify: bool


@dataclass(frozen=True, slots=True)
class QueueView:
    """The first column: mine, waiting at my desks, and what went on from my desks."""

    mine: tuple[QuestionRow, ...]
    waiting: tuple[QuestionRow, ...]
    below_passed: tuple[QuestionRow, ...]


@dataclass(frozen=True, slots=True)
class DutyView:
    """The presence switch: whether this technician takes questions, and how many are open."""

    accepting: bool
    capacity: int
    open_count: int
    desk_names: tuple[str, ...]
    desks_open: bool


@dataclass(frozen=True, slots=True)
class OfferView:
    """A question that rings for this technician."""

    id: UUID
    ticket_id: UUID
    title: str
    unit_name: str
    asker_name: str
    desk_name: str
    created_at: datetime
    ends_at: datetime
    seconds_left: int


def role_names() -> dict[str, str]:
    """Name the roles in the reader's language."""
    return {role.value: str(definition.name) for role, definition in DEFINITIONS.items()}


def channel_names() -> dict[str, str]:
    """Name the ways in which a question comes in."""
    return {"live": _("在线提问"), "phone": _("电话"), "email": _("邮件"), "door": _("登录页（登录不了）")}


def view_ticket(session: Session, presence: Presence, actor: Actor, ticket: Ticket, *, at: int = 0) -> TicketView:
    """Present one question to a technician."""
    view = view_question(session, presence, actor, ticket, at=at)
    handles = policies.is_handler(ticket, actor.account_id)
    above = next_desk_above(session, ticket) if handles else None
    below = desk_to_return_to(session, ticket) if handles else None
    desk_ids = frozenset(desk.id for desk in list_desks_of(session, actor.units(policies.HANDLE)))
    is_unverified = tickets.is_unverified(session, ticket)
    return TicketView(
        **{name: getattr(view, name) for name in view.__slots__},
        asker=_asker(session, presence, ticket),
        context=Context(
            ticket.page, name_browser(ticket.browser), channel_names()[ticket.channel.value], ticket.caller
        ),
        history=list_rows(session, actor, tickets.list_history_of(session, actor, ticket), console=True),
        may_pass_up=above is not None,
        next_desk_name=above.name if above else None,
        may_return=below is not None,
        return_desk_name=below.name if below else None,
        may_resolve=handles,
        may_write=policies.may_write(ticket, actor.account_id),
        may_take=policies.may_take(ticket, actor.account_id, desk_ids),
        summary=_last_detail(session, ticket, StepKind.PASSED_UP, "summary"),
        advice=_last_detail(session, ticket, StepKind.RETURNED, "advice"),
        is_unverified=is_unverified,
        may_verify=is_unverified and handles,
    )


def view_queue(session: Session, actor: Actor) -> QueueView:
    """Present the first column of the console."""
    desk_ids = [desk.id for desk in list_desks_of(session, actor.units(policies.HANDLE))]
    mine = tickets.list_in_hand(session, actor)
    waiting = tickets.list_at_desks(session, desk_ids)
    passed = tickets.list_passed_on(session, desk_ids)
    rows = list_rows(session, actor, [*mine, *waiting, *passed], console=True)
    after_mine, after_waiting = len(mine), len(mine) + len(waiting)
    return QueueView(rows[:after_mine], rows[after_mine:after_waiting], rows[after_waiting:])


def view_duty(session: Session, actor: Actor) -> DutyView:
    """Present the presence switch."""
    duty = session.get(Duty, actor.account_id)
    desks = list_desks_of(session, actor.units(policies.HANDLE))
    open_count = session.scalars(
        select(func.count()).where(Ticket.handler_id == actor.account_id, Ticket.state == TicketState.TALKING)
    ).one()
    return DutyView(
        accepting=bool(duty and duty.accepting),
        capacity=duty.capacity if duty else 5,
        open_count=open_count,
        desk_names=tuple(desk.name for desk in desks),
        desks_open=any(desk.switched_on for desk in desks),
    )


def list_offers(session: Session, actor: Actor) -> tuple[OfferView, ...]:
    """Present what rings for this technician now."""
    at = clock.now()
    rows = session.execute(
        select(Offer, Ticket.title, OrgUnit.name, Account.name, Desk.name)
        .join(Ticket, Ticket.id == Offer.ticket_id)
        .join(OrgUnit, OrgUnit.id == Ticket.unit_id)
        .join(Account, Account.id == Ticket.requester_id)
        .join(Desk, Desk.id == Offer.desk_id)
        .where(Offer.account_id == actor.account_id, Offer.ended_at.is_(None), Offer.ends_at > at)
    )
    return tuple(
        OfferView(
            offer.id,
            offer.ticket_id,
            title,
            unit_name,
            asker_name,
            desk_name,
            offer.created_at,
            offer.ends_at,
            max(0, int((offer.ends_at - at).total_seconds())),
        )
        for offer, title, unit_name, asker_name, desk_name in rows
    )


def list_waiting_items(session: Session, actor: Actor) -> tuple[QuestionRow, ...]:
    """Present what waits for the actor: answers to confirm, and for technicians what they are answering."""
    own = [
        one for one in tickets.list_own_questions(session, actor, open_only=True) if one.state is TicketState.RESOLVED
    ]
    rows = list_rows(session, actor, own)
    if not actor.may(policies.HANDLE):
        return rows
    return rows + list_rows(session, actor, tickets.list_in_hand(session, actor), console=True)


def _asker(session: Session, presence: Presence, ticket: Ticket) -> PersonCard:
    account = session.get_one(Account, ticket.requester_id)
    unit = session.get_one(OrgUnit, ticket.unit_id)
    connected = None if account.is_guest else presence.connected([account.id], clock.now())
    return PersonCard(
        account.name,
        initials(account.name),
        unit.level.value,
        path_names(session, unit),
        role_names().get(ticket.role, ticket.role),
        account.mobile or "",
        account.email or "",
        None if connected is None else account.id in connected,
    )


def _last_detail(session: Session, ticket: Ticket, kind: StepKind, key: str) -> str | None:
    details = session.scalar(
        select(TicketStep.details)
        .where(TicketStep.ticket_id == ticket.id, TicketStep.kind == kind)
        .order_by(TicketStep.number.desc())
        .limit(1)
    )
    return str(details[key]) if details else None
