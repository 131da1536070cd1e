"""Permission names of the help desk and what may be done to a question in which state."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from helpdesk.models import Ticket, TicketState

ASK = "helpdesk:question:ask"
HANDLE = "helpdesk:ticket:handle"
MANAGE_DESK = "helpdesk:desk:manage"
RECORD_CALL = "helpdesk:call:record"

OPEN_STATES = (TicketState.RINGING, TicketState.WAITING, TicketState.TALKING, TicketState.RESOLVED)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a question stands to somebody who opens its conversation: no more than the right asks for."""

    id: UUID
    conversation_id: UUID
    requester_id: UUID
    handler_id: UUID | None
    state: TicketState
    is_reachable: bool


def may_confirm(ticket: Ticket, account_id: UUID) -> bool:
    """Say whether this account may confirm or reopen the answer."""
    return ticket.requester_id == account_id and ticket.state is TicketState.RESOLVED


def is_handler(ticket: Ticket, account_id: UUID) -> bool:
    """Say whether this account is answering the question now."""
    return ticket.handler_id == account_id and ticket.state is TicketState.TALKING


def may_write(ticket: Ticket | Standing, account_id: UUID) -> bool:
    """Say whether this account may write in the question's conversation."""
    if ticket.state is TicketState.CLOSED:
        return False
    return account_id in (ticket.requester_id, ticket.handler_id)


def may_take(ticket: Ticket, account_id: UUID, desk_ids: frozenset[UUID]) -> bool:
    """Say whether this account may take a question that waits or rings at its own desk."""
    return (
        ticket.state in (TicketState.WAITING, TicketState.RINGING)
        and ticket.custody_desk_id in desk_ids
        and ticket.requester_id != account_id
    )
