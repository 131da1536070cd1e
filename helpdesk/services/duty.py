"""Coming and going of technicians: what rings for them is taken back, and what they were answering is passed on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chat.presence import Presence
from helpdesk import policies
from helpdesk.models import Desk, DeskMember, Duty, Offer, OfferState, Ticket, TicketState
from helpdesk.queries import tickets
from helpdesk.queries.technicians import count_talking, holds_role
from helpdesk.services.answering import end_offer, hand_to_successor, release_ticket
from helpdesk.services.waiting import offer_next
from registry_core import clock, live
from registry_core.access.actors import Actor, require

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
    if duty is not None:
        return duty
    # Two pages of one person may look for the first time at once.
    session.execute(
        insert(Duty)
        .values(account_id=account_id, accepting=False, capacity=5, there_since=at, idle_since=at)
        .on_conflict_do_nothing()
    )
    return session.get_one(Duty, account_id, with_for_update=for_update)


def ring_out(session: Session, presence: Presence) -> int:
    """End every offer whose time is over and ring for the next; says how many."""
    at = clock.now()
    due = session.scalars(
        select(Offer.id).where(Offer.state == OfferState.RINGING, Offer.ends_at <= at).limit(MOST_AT_ONCE)
    ).all()
    return sum(_end_if_ringing(session, presence, offer_id, OfferState.RANG_OUT) for offer_id in due)


def withdraw_unavailable(session: Session, presence: Presence) -> int:
    """Take back every ringing offer of somebody who could not be rung now; says how many.

    That is who has gone, has stopped accepting, has taken as many questions as they can, or has lost the role.
    """
    at = clock.now()
    is_member = select(DeskMember.desk_id).where(
        DeskMember.desk_id == Offer.desk_id, DeskMember.account_id == Offer.account_id
    )
    may_ring = and_(
        Duty.accepting,
        count_talking(Duty.account_id) < Duty.capacity,
        is_member.correlate(Offer).exists(),
        holds_role(Offer.account_id, at),
    )
    ringing = session.execute(
        select(Offer.id, Offer.account_id, may_ring.label("may_ring"))
        .join(Duty, Duty.account_id == Offer.account_id)
        .join(Desk, Desk.id == Offer.desk_id)
        .where(Offer.state == OfferState.RINGING)
    ).all()
    connected = presence.connected((row.account_id for row in ringing), at)
    gone = [
        row.id for row in ringing if not row.may_ring or (connected is not None and row.account_id not in connected)
    ]
    return sum(_end_if_ringing(session, presence, offer_id, OfferState.WITHDRAWN) for offer_id in gone)


def release_departed(session: Session, presence: Presence) -> int:
    """Search anew for questions whose answerer has lost the role at their desk: nobody else could end them.

    Who took the post over has them at once. Says how many.
    """
    at = clock.now()
    left = session.scalars(
        select(Ticket.id)
        .join(Desk, Desk.id == Ticket.custody_desk_id)
        .where(Ticket.state == TicketState.TALKING, ~holds_role(Ticket.handler_id, at))
        .limit(MOST_AT_ONCE)
    ).all()
    return sum(_release_if_talking(session, presence, ticket_id) for ticket_id in left)


def _release_if_talking(session: Session, presence: Presence, ticket_id: UUID) -> bool:
    ticket = tickets.lock_ticket(session, ticket_id, skip_locked=True)
    if ticket is None or ticket.state is not TicketState.TALKING:
        return False
    if not hand_to_successor(session, ticket):
        release_ticket(session, presence, ticket)
    return True


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
    end_offer(session, presence, ticket, offer, state, patient=False)
    return True
