"""Coming and going of technicians, and what waits for the one who has come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import SQLCoreOperations

from chat.presence import Presence
from helpdesk import policies
from helpdesk.models import Desk, DeskMember, Duty, Offer, OfferState, Ticket, TicketState
from helpdesk.queries import tickets
from helpdesk.queries.technicians import list_available
from helpdesk.services.answering import end_offer
from helpdesk.services.routing import route
from registry_core import clock, live
from registry_core.access.actors import Actor, require, roles_with
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at
from registry_core.orgs.models import OrgUnit

MOST_AT_ONCE = 200
"""Rows that one tick of the clock works through; what is left comes half a second later."""


def set_accepting(session: Session, presence: Presence, actor: Actor, *, accepting: bool) -> Duty:
    """Switch whether a technician takes questions. Going away hands a ringing question to the next at once.

    Raises Forbidden.
    """
    require(actor, policies.HANDLE)
    at = clock.now()
    # Tickets before duty rows, as everywhere: see `helpdesk.services.routing`.
    for offer in tickets.list_ringing_for(session, actor.account_id):
        tickets.lock_ticket(session, offer.ticket_id)
    duty = get_duty(session, actor.account_id, at, for_update=True)
    if accepting and not duty.accepting:
        duty.there_since = at
    duty.accepting = accepting
    duty.changed_at = at
    session.flush()
    if accepting:
        offer_next(session, presence, actor.account_id)
    else:
        _withdraw_all(session, presence, actor.account_id)
    live.push(session, f"account:{actor.account_id}", "queue:changed")
    return duty


def come_back(session: Session, presence: Presence, account_id: UUID) -> None:
    """Note that a technician is connected again after having been gone, and ring what waits for them."""
    at = clock.now()
    duty = session.get(Duty, account_id, with_for_update=True)
    if duty is None:
        return
    duty.there_since = at
    session.flush()
    if duty.accepting:
        offer_next(session, presence, account_id)


def get_duty(session: Session, account_id: UUID, at: datetime, *, for_update: bool = False) -> Duty:
    """Load a technician's duty row, made at the first look."""
    duty = session.get(Duty, account_id, with_for_update=for_update)
    if duty is None:
        duty = Duty(account_id=account_id, accepting=False, capacity=5, there_since=at, idle_since=at)
        session.add(duty)
        session.flush()
    return duty


def offer_next(session: Session, presence: Presence, account_id: UUID) -> Offer | None:
    """Ring for what waits and this technician may answer: the nearest level first, there the longest wait."""
    for ticket_id in list_waiting_for(session, account_id):
        ticket = tickets.lock_ticket(session, ticket_id, skip_locked=True)
        if ticket is not None:
            offer = route(session, presence, ticket)
            if offer is not None and offer.account_id == account_id:
                return offer
    return None


def list_waiting_for(session: Session, account_id: UUID, *, limit: int = 20) -> list[UUID]:
    """List waiting questions whose search reaches a desk of this technician and that have not had their turn there."""
    asker_unit = aliased(OrgUnit)
    desk_unit = aliased(OrgUnit)
    custody_unit = aliased(OrgUnit)
    custody_desk = aliased(Desk)
    turned = (
        select(Offer.id)
        .join(Duty, Duty.account_id == Offer.account_id)
        .where(
            Offer.ticket_id == Ticket.id,
            Offer.account_id == account_id,
            Offer.state.in_((OfferState.DECLINED, OfferState.RANG_OUT)),
            Offer.created_at >= Ticket.search_from,
            Offer.created_at >= Duty.there_since,
        )
        .correlate(Ticket)
        .exists()
    )
    within_reach = case(
        (Ticket.custody_desk_id == DeskMember.desk_id, True),
        else_=and_(
            Ticket.may_climb,
            func.starts_with(asker_unit.path, desk_unit.path),
            func.starts_with(custody_unit.path, desk_unit.path),
        ),
    )
    rows = session.scalars(
        select(Ticket.id)
        .join(asker_unit, asker_unit.id == Ticket.unit_id)
        .join(custody_desk, custody_desk.id == Ticket.custody_desk_id)
        .join(custody_unit, custody_unit.id == custody_desk.unit_id)
        .join(DeskMember, DeskMember.account_id == account_id)
        .join(Desk, Desk.id == DeskMember.desk_id)
        .join(desk_unit, desk_unit.id == Desk.unit_id)
        .where(Ticket.state == TicketState.WAITING, Ticket.requester_id != account_id, within_reach, ~turned)
        .group_by(Ticket.id)
        .order_by(func.min(_depth(custody_unit.path) - _depth(desk_unit.path)), Ticket.asked_at)
        .limit(limit)
    )
    return list(rows)


def ring_out(session: Session, presence: Presence) -> int:
    """End every offer whose time is over and ring for the next; says how many."""
    at = clock.now()
    due = session.scalars(
        select(Offer.id).where(Offer.state == OfferState.RINGING, Offer.ends_at <= at).limit(MOST_AT_ONCE)
    ).all()
    return sum(_end_if_ringing(session, presence, offer_id, OfferState.RANG_OUT) for offer_id in due)


def withdraw_unavailable(session: Session, presence: Presence) -> int:
    """Take back every ringing offer of somebody who is gone, has stopped accepting or lost the role; says how many."""
    at = clock.now()
    role_held = (
        select(RoleAssignment.id)
        .where(
            RoleAssignment.account_id == Offer.account_id,
            RoleAssignment.unit_id == Desk.unit_id,
            RoleAssignment.role.in_(roles_with(policies.HANDLE)),
            held_at(at),
        )
        .correlate(Offer, Desk)
        .exists()
    )
    ringing = session.execute(
        select(Offer.id, Offer.account_id, and_(Duty.accepting, role_held).label("may_ring"))
        .join(Duty, Duty.account_id == Offer.account_id)
        .join(Desk, Desk.id == Offer.desk_id)
        .where(Offer.state == OfferState.RINGING)
    ).all()
    connected = presence.connected((row.account_id for row in ringing), at)
    gone = [
        row.id for row in ringing if not row.may_ring or (connected is not None and row.account_id not in connected)
    ]
    return sum(_end_if_ringing(session, presence, offer_id, OfferState.WITHDRAWN) for offer_id in gone)


def offer_waiting(session: Session, presence: Presence) -> int:
    """Ring what waits for everybody who is there and free: heals what was missed, and desks that have just opened."""
    at = clock.now()
    reachable = select(Ticket.id).where(Ticket.state == TicketState.WAITING).exists()
    if not session.scalar(select(reachable)):
        return 0
    desk_ids = session.scalars(
        select(DeskMember.desk_id).join(Duty, Duty.account_id == DeskMember.account_id).where(Duty.accepting).distinct()
    ).all()
    free = {one.account_id for one in list_available(session, presence, desk_ids, at=at)}
    return sum(offer_next(session, presence, account_id) is not None for account_id in sorted(free)[:MOST_AT_ONCE])


def _depth(path: SQLCoreOperations[str]) -> ColumnElement[int]:
    """Count the levels of a path; its length in characters would compare long numbers, not levels."""
    return func.length(path) - func.length(func.replace(path, "/", ""))


def _withdraw_all(session: Session, presence: Presence, account_id: UUID) -> None:
    for offer in tickets.list_ringing_for(session, account_id):
        _end_if_ringing(session, presence, offer.id, OfferState.WITHDRAWN)


def _end_if_ringing(session: Session, presence: Presence, offer_id: UUID, state: OfferState) -> bool:
    """End an offer if it still rings once its question is locked; one that somebody else has locked waits a tick."""
    ticket_id = session.scalars(select(Offer.ticket_id).where(Offer.id == offer_id)).one()
    ticket = tickets.lock_ticket(session, ticket_id, skip_locked=True)
    if ticket is None:
        return False
    offer = session.get_one(Offer, offer_id, populate_existing=True)
    if offer.state is not OfferState.RINGING:
        return False
    end_offer(session, presence, ticket, offer, state)
    return True
