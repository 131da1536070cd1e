"""What a technician does: accept, decline, take, pass up, return with advice, resolve, record a call."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from chat import services as chat
from chat.presence import Presence
from helpdesk import policies
from helpdesk.errors import (
    NoHigherTier,
    NoOwnDesk,
    NothingToReturnTo,
    NotYourTicket,
    OfferGone,
    OfferNotFound,
    OwnQuestion,
    TextMissing,
    TicketNotOpen,
)
from helpdesk.events import TicketPassedUp, TicketResolved, TicketReturned
from helpdesk.models import Channel, CustodyReason, Duty, Offer, OfferState, StepKind, Ticket, TicketState
from helpdesk.queries import tickets
from helpdesk.queries.chains import ChainDesk, chain_above, chain_from
from helpdesk.queries.successions import find_successor
from helpdesk.queries.technicians import list_desks_of
from helpdesk.services.asking import close_ticket, get_open_custody
from helpdesk.services.routing import begin_search, route
from helpdesk.services.steps import add_step, move_custody, move_screens, say
from registry_core import clock, live, outbox
from registry_core.access.actors import Actor
from registry_core.accounts.models import Account


def accept_offer(session: Session, actor: Actor, offer_id: UUID) -> Ticket:
    """Accept a ringing offer; of two who reach for a question one wins, and the other is told who has it.

    Raises OfferNotFound, OfferGone.
    """
    offer, ticket = _lock_offer(session, actor, offer_id)
    if offer.desk_id not in _own_desk_ids(session, actor):
        raise OfferNotFound
    at = clock.now()
    if offer.state is not OfferState.RINGING or offer.ends_at <= at:
        raise _gone(session, actor, ticket)
    offer.end(OfferState.ACCEPTED, at)
    session.flush()
    _start_talking(session, ticket, actor.account_id, offer.desk_id, at, StepKind.ACCEPTED)
    return ticket


def decline_offer(session: Session, presence: Presence, actor: Actor, offer_id: UUID) -> Ticket:
    """Decline a ringing offer: it rings for the next technician at once.

    Raises OfferNotFound, OfferGone.
    """
    offer, ticket = _lock_offer(session, actor, offer_id)
    if offer.state is not OfferState.RINGING:
        raise _gone(session, actor, ticket)
    end_offer(session, presence, ticket, offer, OfferState.DECLINED)
    return ticket


_STEP_OF_END = {
    OfferState.DECLINED: StepKind.DECLINED,
    OfferState.RANG_OUT: StepKind.RANG_OUT,
    OfferState.WITHDRAWN: StepKind.WITHDRAWN,
}


def end_offer(
    session: Session, presence: Presence, ticket: Ticket, offer: Offer, state: OfferState, *, patient: bool = True
) -> None:
    """End a ringing offer unaccepted and ring for the next; the ticket's row is locked by the caller.

    `patient` as in `helpdesk.services.routing.route`.
    """
    at = clock.now()
    offer.end(state, at)
    by = offer.account_id if state is OfferState.DECLINED else None
    add_step(session, ticket, _STEP_OF_END[state], at, by=by, desk_id=offer.desk_id, account_id=str(offer.account_id))
    session.flush()
    live.push(session, f"account:{offer.account_id}", "offers:changed")
    route(session, presence, ticket, patient=patient)


def take_ticket(session: Session, actor: Actor, ticket_id: UUID) -> Ticket:
    """Take a question that waits or rings at one's own desk.

    Raises QuestionNotFound, OwnQuestion, OfferGone, TicketNotOpen.
    """
    ticket = tickets.get_ticket(session, actor, ticket_id, for_update=True)
    desk_ids = _own_desk_ids(session, actor)
    if ticket.state is TicketState.TALKING and ticket.handler_id != actor.account_id:
        raise _gone(session, actor, ticket)
    if ticket.requester_id == actor.account_id:
        raise OwnQuestion
    if not policies.may_take(ticket, actor.account_id, desk_ids):
        raise TicketNotOpen
    at = clock.now()
    ringing = tickets.find_ringing_offer(session, ticket.id)
    if ringing is not None:
        mine = ringing.account_id == actor.account_id
        ringing.end(OfferState.ACCEPTED if mine else OfferState.WITHDRAWN, at)
        session.flush()
        live.push(session, f"account:{ringing.account_id}", "offers:changed")
    _start_talking(session, ticket, actor.account_id, ticket.custody_desk_id, at, StepKind.TAKEN)
    return ticket


def take_recorded(session: Session, actor: Actor, ticket: Ticket) -> None:
    """Give a question that this technician has just written down to them, at the desk where they answer.

    Where that desk is not the lowest on the way, custody follows to it. Who answers at no desk on the way could not
    open the question again.
    Raises NoOwnDesk.
    """
    own = _own_desk_ids(session, actor)
    desk = next((desk for desk in chain_from(session, ticket.unit_id) if desk.id in own), None)
    if desk is None:
        raise NoOwnDesk
    _start_talking(session, ticket, actor.account_id, desk.id, clock.now(), StepKind.TAKEN)


def pass_up(session: Session, presence: Presence, actor: Actor, ticket_id: UUID, *, summary: str) -> Ticket:
    """Pass a question to the next desk above with a summary; everything said goes along.

    Source: operation rules (file 003 annex 2), articles 5 (4) and 6 (2).
    Raises QuestionNotFound, NotYourTicket, TextMissing, NoHigherTier.
    """
    ticket = _get_mine(session, actor, ticket_id, summary)
    above = next_desk_above(session, ticket)
    if above is None:
        raise NoHigherTier
    below_id = ticket.custody_desk_id
    at = clock.now()
    add_step(session, ticket, StepKind.PASSED_UP, at, by=actor.account_id, to_desk_id=str(above.id), summary=summary)
    begin_search(ticket, at=at, may_climb=True)
    session.flush()
    move_custody(session, ticket, get_open_custody(session, ticket), above.id, reason=CustodyReason.PASSED_UP, at=at)
    say(session, ticket, _l("已转到上一级：%(desk)s。小结：%(summary)s", desk=above.name, summary=summary.strip()))
    outbox.record(session, TicketPassedUp(ticket.id, below_id, above.id, actor.account_id))
    route(session, presence, ticket)
    note_idle(session, actor.account_id, at)
    move_screens(session, ticket, below_id)
    live.push(session, f"account:{actor.account_id}", "ticket:changed", {"ticket_id": str(ticket.id)})
    return ticket


def return_ticket(session: Session, presence: Presence, actor: Actor, ticket_id: UUID, *, advice: str) -> Ticket:
    """Give a question back to the desk below that had it, with advice; who had it there is rung first.

    Raises QuestionNotFound, NotYourTicket, TextMissing, NothingToReturnTo.
    """
    ticket = _get_mine(session, actor, ticket_id, advice)
    below = desk_to_return_to(session, ticket)
    if below is None:
        raise NothingToReturnTo
    above_id = ticket.custody_desk_id
    previous_id = tickets.find_last_handler(session, ticket, below.id)
    at = clock.now()
    add_step(session, ticket, StepKind.RETURNED, at, by=actor.account_id, to_desk_id=str(below.id), advice=advice)
    begin_search(ticket, at=at, may_climb=False, prefer_id=previous_id)
    session.flush()
    move_custody(session, ticket, get_open_custody(session, ticket), below.id, reason=CustodyReason.RETURNED, at=at)
    say(session, ticket, _l("已退回%(desk)s，并附建议：%(advice)s", desk=below.name, advice=advice.strip()))
    outbox.record(session, TicketReturned(ticket.id, above_id, below.id, previous_id))
    route(session, presence, ticket)
    note_idle(session, actor.account_id, at)
    move_screens(session, ticket, above_id)
    live.push(session, f"account:{actor.account_id}", "ticket:changed", {"ticket_id": str(ticket.id)})
    return ticket


def resolve_ticket(session: Session, actor: Actor, ticket_id: UUID, *, resolution: str) -> Ticket:
    """Give the written answer; the asker confirms or reopens.

    Raises QuestionNotFound, NotYourTicket, TextMissing.
    """
    ticket = _get_mine(session, actor, ticket_id, resolution)
    at = clock.now()
    ticket.state = TicketState.RESOLVED
    ticket.resolution = resolution.strip()
    ticket.resolved_at = at
    ticket.resolved_by_id = actor.account_id
    note_idle(session, actor.account_id, at)
    add_step(session, ticket, StepKind.RESOLVED, at, by=actor.account_id)
    session.flush()
    note = say(session, ticket, _l("已给出答复：%(resolution)s", resolution=resolution.strip()))
    outbox.record(session, TicketResolved(ticket.id, ticket.conversation_id, ticket.requester_id, note.number))
    move_screens(session, ticket)
    if ticket.channel is Channel.DOOR:
        # Nobody could confirm it: who asked at the door has no page of the question.
        close_ticket(session, ticket, note=_l("提问人还不能登录，请按留下的联系方式告诉对方。"))
    return ticket


def release_ticket(session: Session, presence: Presence, ticket: Ticket) -> None:
    """Take a question from an answerer whose role has ended and search anew; the caller has locked it."""
    at = clock.now()
    left_id = ticket.handler_id
    add_step(session, ticket, StepKind.RELEASED, at, account_id=str(left_id))
    begin_search(ticket, at=at, may_climb=ticket.may_climb)
    session.flush()
    say(session, ticket, _l("接待您的同事已不在这个服务台，正在为您找其他同事。"))
    route(session, presence, ticket, patient=False)
    if left_id is not None:
        note_idle(session, left_id, at)
        live.push(session, f"account:{left_id}", "ticket:changed", {"ticket_id": str(ticket.id)})
    move_screens(session, ticket)


def hand_to_successor(session: Session, ticket: Ticket) -> bool:
    """Let who took the post over answer on where somebody has left; says whether there is somebody.

    The caller has locked the question.
    """
    at = clock.now()
    left_id = ticket.handler_id
    successor_id = find_successor(session, left_id, ticket.custody_desk_id, at=at) if left_id else None
    if successor_id is None or successor_id == ticket.requester_id:
        return False
    _start_talking(session, ticket, successor_id, ticket.custody_desk_id, at, StepKind.TAKEN)
    live.push(session, f"account:{left_id}", "ticket:changed", {"ticket_id": str(ticket.id)})
    return True


def next_desk_above(session: Session, ticket: Ticket) -> ChainDesk | None:
    """Find the desk one level above the one in custody, on the way from the asker's unit."""
    way = chain_above(session, ticket.custody_desk_id)
    return way[1] if len(way) > 1 else None


def desk_to_return_to(session: Session, ticket: Ticket) -> ChainDesk | None:
    """Find the desk below that answered the question last, else the one that had it in custody last.

    A desk that the question went past with nobody there would only let it wait: nobody at it knows the question.
    """
    way_ids = {desk.id for desk in chain_above(session, ticket.custody_desk_id)}
    below = [desk for desk in chain_from(session, ticket.unit_id) if desk.id not in way_ids]
    below_ids = [desk.id for desk in below]
    answered_at_id = tickets.find_last_answering_desk(session, ticket, below_ids)
    custody = None if answered_at_id else tickets.find_previous_custody(session, ticket, below_ids)
    found_id = custody.desk_id if custody else answered_at_id
    return next((desk for desk in below if desk.id == found_id), None)


def _lock_offer(session: Session, actor: Actor, offer_id: UUID) -> tuple[Offer, Ticket]:
    """Lock the question of an offer and read the offer again: it may have ended while we waited."""
    ticket_id = tickets.get_offer(session, actor, offer_id).ticket_id
    ticket = tickets.lock_ticket(session, ticket_id)
    if ticket is None:
        raise OfferNotFound
    return tickets.get_offer(session, actor, offer_id), ticket


def _gone(session: Session, actor: Actor, ticket: Ticket) -> OfferGone:
    if ticket.handler_id is None:
        return OfferGone()
    if ticket.handler_id == actor.account_id:
        return OfferGone(_l("您已经接待了这个问题，在“我的接待”里可以找到。"))
    return OfferGone.taken_by(session.scalars(select(Account.name).where(Account.id == ticket.handler_id)).one())


def _start_talking(
    session: Session, ticket: Ticket, account_id: UUID, desk_id: UUID, at: datetime, kind: StepKind
) -> None:
    """Bind the question to who answers it; where that is another desk than the one in custody, custody follows."""
    waited_at = ticket.custody_desk_id
    ticket.state = TicketState.TALKING
    ticket.handler_id = account_id
    ticket.prefer_id = None
    ticket.answered_at = ticket.answered_at or at
    session.flush()
    if desk_id != ticket.custody_desk_id:
        move_custody(session, ticket, get_open_custody(session, ticket), desk_id, reason=CustodyReason.ACCEPTED, at=at)
    add_step(session, ticket, kind, at, by=account_id, desk_id=desk_id)
    chat.add_participant(session, ticket.conversation_id, account_id)
    name = session.scalars(select(Account.name).where(Account.id == account_id)).one()
    say(session, ticket, _l("%(name)s 正在为您解答。", name=name))
    live.push(session, f"account:{account_id}", "offers:changed")
    move_screens(session, ticket, waited_at)


def _get_mine(session: Session, actor: Actor, ticket_id: UUID, text: str) -> Ticket:
    if not text.strip():
        raise TextMissing
    ticket = tickets.get_ticket(session, actor, ticket_id, for_update=True)
    if ticket.state is not TicketState.TALKING:
        raise TicketNotOpen
    if not policies.is_handler(ticket, actor.account_id):
        raise NotYourTicket
    return ticket


def note_idle(session: Session, account_id: UUID, at: datetime) -> None:
    """Note that a technician has one conversation less: among equals the longest idle is rung first.

    Last of all, and only if nobody holds the row: it is no reason to wait for another question that rings for them.
    """
    duty = session.get(Duty, account_id, with_for_update={"skip_locked": True})
    if duty is not None:
        duty.idle_since = at


def _own_desk_ids(session: Session, actor: Actor) -> frozenset[UUID]:
    return frozenset(desk.id for desk in list_desks_of(session, actor.units(policies.HANDLE)))
