"""A post at a desk is handed over: the successor sits down at the desk, and has what waited at who leaves."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from helpdesk.models import Desk, DeskMember, Ticket, TicketState
from helpdesk.queries import tickets
from helpdesk.queries.successions import list_desks_left, list_in_hand, may_still_answer
from helpdesk.services.answering import hand_to_successor
from helpdesk.services.duty import get_duty
from registry_core import clock
from registry_core.access.models import RoleAssignment


def sit_down(session: Session, left: RoleAssignment, taken: RoleAssignment) -> None:
    """Make the successor a member of the desk; it counts only from the day on which the role is theirs."""
    now = clock.now()
    for desk in list_desks_left(session, left.account_id, left.unit_id):
        session.execute(
            insert(DeskMember)
            .values(desk_id=desk.id, account_id=taken.account_id, joined_at=now)
            .on_conflict_do_nothing()
        )
        get_duty(session, taken.account_id, now)


def take_over(session: Session, left: RoleAssignment, taken: RoleAssignment) -> None:
    """Give the successor what waited at who has left, whose place at the desk ends.

    What a successor without a certificate cannot answer is searched for anew by the clock.
    """
    now = clock.now()
    for desk in list_desks_left(session, left.account_id, left.unit_id):
        if may_still_answer(session, left.account_id, desk.id, at=now):
            continue
        _hand_on(session, left.account_id, desk)
        session.execute(
            update(Ticket)
            .where(
                Ticket.custody_desk_id == desk.id,
                Ticket.prefer_id == left.account_id,
                Ticket.state.in_((TicketState.RINGING, TicketState.WAITING)),
            )
            .values(prefer_id=taken.account_id)
        )
        session.execute(
            delete(DeskMember).where(DeskMember.desk_id == desk.id, DeskMember.account_id == left.account_id)
        )


def _hand_on(session: Session, left_id: UUID, desk: Desk) -> None:
    for ticket_id in list_in_hand(session, left_id, desk.id):
        ticket = tickets.lock_ticket(session, ticket_id)
        if ticket is not None and ticket.handler_id == left_id and ticket.state is TicketState.TALKING:
            hand_to_successor(session, ticket)
