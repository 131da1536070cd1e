"""Settings of a desk, by its lead or the unit's super administrator; calls recorded for somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from chat.presence import Presence
from helpdesk import policies
from helpdesk.errors import DeskNotFound, OwnQuestion, RequesterNotFound
from helpdesk.hours import write_slots, write_week
from helpdesk.models import Channel, Desk, StepKind, Ticket
from helpdesk.models.desks import CLOSED
from helpdesk.queries import tickets
from helpdesk.queries.members import list_member_ids
from helpdesk.services.answering import take_recorded
from helpdesk.services.asking import Asker, Question, ask_one_at_a_time, open_ticket
from helpdesk.services.steps import add_step, desk_room
from helpdesk.services.waiting import offer_next
from registry_core import clock, live
from registry_core.access.actors import Actor, require, visible_units
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at, load_actor
from registry_core.accounts.models import Account
from registry_core.calendars.hours_text import Slots
from registry_core.orgs.models import OrgUnit


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """What a lead sets. `hours` has the slots of seven days, Monday first; no slot on any day: open at all times."""

    switched_on: bool
    ring_seconds: int
    hours: Sequence[Slots]
    works_on_makeup_days: bool = True
    on_call: Slots = ()
    """When somebody is there on public holidays."""


def get_desk(session: Session, actor: Actor, desk_id: UUID, *, permission: str = policies.MANAGE_DESK) -> Desk:
    """Load a desk of a unit that the actor reaches for the permission.

    Raises DeskNotFound.
    """
    scope = visible_units(actor, permission)
    desk = session.scalar(
        select(Desk).join(OrgUnit, OrgUnit.id == Desk.unit_id).where(Desk.id == desk_id, scope.clause(OrgUnit.path))
    )
    if desk is None:
        raise DeskNotFound
    return desk


def list_manageable(session: Session, actor: Actor) -> list[Desk]:
    """List the desks at the actor's own units that the actor may set."""
    units = actor.units(policies.MANAGE_DESK)
    return list(session.scalars(select(Desk).where(Desk.unit_id.in_(units)).order_by(Desk.name)))


def set_desk(session: Session, presence: Presence, actor: Actor, desk_id: UUID, settings: DeskSettings) -> Desk:
    """Set switch, ringing time and opening hours; what waits rings at once if the desk is open now.

    Raises Forbidden, DeskNotFound.
    """
    require(actor, policies.MANAGE_DESK)
    desk = get_desk(session, actor, desk_id)
    desk.switched_on = settings.switched_on
    desk.ring_seconds = settings.ring_seconds
    desk.weekly_slots = write_week(settings.hours)
    desk.works_on_makeup_days = settings.works_on_makeup_days
    desk.holiday_slots = write_slots(settings.on_call).replace(" ", "") or CLOSED
    session.flush()
    live.push(session, desk_room(desk.id), "queue:changed")
    for account_id in list_member_ids(session, desk.id, at=clock.now(), on_duty=True):
        offer_next(session, presence, account_id)
    return desk


def list_callers(
    session: Session, actor: Actor, *, only: UUID | None = None, limit: int = 500
) -> list[tuple[UUID, str, str]]:
    """List for whom the actor may record a call: (account, name, unit) of everybody in the desk's area, or of one."""
    scope = visible_units(actor, policies.RECORD_CALL)
    rows = session.execute(
        select(Account.id, Account.name, OrgUnit.name)
        .join(RoleAssignment, RoleAssignment.account_id == Account.id)
        .join(OrgUnit, OrgUnit.id == RoleAssignment.unit_id)
        .where(
            scope.clause(OrgUnit.path),
            held_at(clock.now()),
            Account.closed_at.is_(None),
            Account.id != actor.account_id,
            Account.id == only if only else true(),
        )
        .order_by(OrgUnit.path, Account.name)
        .limit(limit)
    )
    return [(account_id, name, unit) for account_id, name, unit in rows]


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A question that came by telephone or e-mail, written down by a technician."""

    requester_id: UUID
    channel: Channel
    caller: str
    question: Question


def record_call(session: Session, actor: Actor, call: RecordedCall) -> Ticket:
    """Write down a question that came by telephone or e-mail; the technician who does so has it at once.

    Source: operation rules (file 003 annex 2), articles 5 (4) and 6 (2).
    Raises Forbidden, RequesterNotFound, OwnQuestion, NoDeskAbove, NoOwnDesk, MessageEmpty, MessageTooLong.
    """
    require(actor, policies.RECORD_CALL)
    if call.requester_id == actor.account_id:
        raise OwnQuestion
    if not list_callers(session, actor, only=call.requester_id):
        raise RequesterNotFound
    requester = load_actor(session, call.requester_id, at=clock.now())
    if requester.home is None:
        raise RequesterNotFound
    ask_one_at_a_time(session, requester.account_id)
    known = tickets.find_by_client_id(session, requester, call.question.client_id)
    if known is not None:
        return known
    asker = Asker.at_home(requester, requester.home, call.channel, call.caller)
    ticket = open_ticket(session, asker, call.question)
    add_step(session, ticket, StepKind.RECORDED, clock.now(), by=actor.account_id, channel=call.channel.value)
    take_recorded(session, actor, ticket)
    return ticket
