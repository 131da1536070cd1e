"""Tables of the help desk."""

from helpdesk.models.desks import Desk, DeskMember, Duty
from helpdesk.models.offers import Offer, OfferState
from helpdesk.models.tickets import (
    Channel,
    Custody,
    CustodyReason,
    ProblemRecord,
    StepKind,
    Ticket,
    TicketState,
    TicketStep,
    Urgency,
)

__all__ = [
    "Channel",
    "Custody",
    "CustodyReason",
    "Desk",
    "DeskMember",
    "Duty",
    "Offer",
    "OfferState",
    "ProblemRecord",
    "StepKind",
    "Ticket",
    "TicketState",
    "TicketStep",
    "Urgency",
]
