"""Who could answer: members of desks, their load, and whether they are there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from chat.presence import Presence
from helpdesk.models import Desk, DeskMember, Duty, Offer, OfferState, Ticket, TicketState
from helpdesk.policies import HANDLE
from registry_core.access.actors import roles_with
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at
from registry_core.accounts.models import Account


@dataclass(frozen=True, slots=True)
class Technician:
    """A member of a desk who accepts questions, with the load of this moment."""

    desk_id: UUID
    account_id: UUID
    there_since: datetime
    idle_since: datetime
    open_count: int


def select_accepting(desk_ids: Iterable[UUID], at: datetime) -> Select[UUID, UUID, datetime, datetime, int]:
    """Select members who accept, hold the role at the desk's unit, are below capacity and are not being rung."""
    talking = count_talking(Duty.account_id)
    ringing = (
        select(Offer.id).where(Offer.account_id == Duty.account_id, Offer.state == OfferState.RINGING).correlate(Duty)
    )
    return (
        select(DeskMember.desk_id, Duty.account_id, Duty.there_since, Duty.idle_since, talking)
        .join(Desk, Desk.id == DeskMember.desk_id)
        .join(Duty, Duty.account_id == DeskMember.account_id)
        .where(
            DeskMember.desk_id.in_(list(desk_ids)),
            Duty.accepting,
            talking < Duty.capacity,
            ~ringing.exists(),
            holds_role(DeskMember.account_id, at),
        )
    )


def holds_role(
    account_id: SQLCoreOperations[UUID] | SQLCoreOperations[UUID | None], at: datetime
) -> ColumnElement[bool]:
    """Say in SQL whether somebody holds a role that answers at the unit of the query's `Desk`, in an open account."""
    return (
        select(RoleAssignment.id)
        .join(Account, Account.id == RoleAssignment.account_id)
        .where(
            RoleAssignment.account_id == account_id,
            RoleAssignment.unit_id == Desk.unit_id,
            RoleAssignment.role.in_(roles_with(HANDLE)),
            held_at(at),
            Account.closed_at.is_(None),
        )
        .correlate_except(RoleAssignment, Account)
        .exists()
    )


def count_talking(account_id: SQLCoreOperations[UUID]) -> ScalarSelect[int]:
    """Count in SQL the questions that somebody is answering."""
    return (
        select(func.count())
        .where(Ticket.handler_id == account_id, Ticket.state == TicketState.TALKING)
        .correlate_except(Ticket)
        .scalar_subquery()
    )


def list_available(
    session: Session, presence: Presence, desk_ids: Sequence[UUID], *, at: datetime
) -> tuple[Technician, ...]:
    """List who could be rung at open desks: accepting, below capacity, not being rung, and connected.

    Where Redis does not say who is connected, everybody who accepts counts as perhaps there: the question then rings
    one after the other instead of telling the asker that nobody is online, which nobody knows.
    """
    found = [Technician(*row) for row in session.execute(select_accepting(desk_ids, at))]
    connected = presence.connected((technician.account_id for technician in found), at)
    if connected is None:
        return tuple(found)
    return tuple(technician for technician in found if technician.account_id in connected)


def had_their_turn(session: Session, ticket: Ticket) -> frozenset[UUID]:
    """Name who declined this question or let it ring out in the present search, and has not been gone since."""
    return list_turns(session, [ticket.id]).get(ticket.id, frozenset())


def list_turns(session: Session, ticket_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Name for each question who had their turn; questions that nobody had a turn of are left out."""
    turns: dict[UUID, frozenset[UUID]] = {}
    rows = session.execute(
        select(Offer.ticket_id, Offer.account_id)
        .join(Ticket, Ticket.id == Offer.ticket_id)
        .join(Duty, Duty.account_id == Offer.account_id)
        .where(
            Offer.ticket_id.in_(ticket_ids),
            Offer.state.in_((OfferState.DECLINED, OfferState.RANG_OUT)),
            Offer.created_at >= Ticket.search_from,
            Offer.created_at >= Duty.there_since,
        )
    )
    for ticket_id, account_id in rows:
        turns[ticket_id] = turns.get(ticket_id, frozenset()) | {account_id}
    return turns


def list_desks_of(session: Session, unit_ids: Iterable[UUID]) -> tuple[Desk, ...]:
    """List the desks of units."""
    return tuple(session.scalars(select(Desk).where(Desk.unit_id.in_(list(unit_ids))).order_by(Desk.name)))
