"""What happened at the help desk, for those who react later."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from registry_core.events import Event


@dataclass(frozen=True, slots=True)
class QuestionAsked(Event):
    """Somebody asked; the question is in the custody of the desk."""

    ticket_id: UUID
    desk_id: UUID


@dataclass(frozen=True, slots=True)
class QuestionAnswered(Event):
    """A technician wrote message `number` after the asker's last one. Told with a delay: see `helpdesk.keeper`."""

    ticket_id: UUID
    conversation_id: UUID
    requester_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class NobodyThere(Event):
    """The search found nobody on any level that it may reach; the question waits at the desk."""

    ticket_id: UUID
    desk_id: UUID


@dataclass(frozen=True, slots=True)
class TicketPassedUp(Event):
    """A technician passed the question to the desk of a higher level."""

    ticket_id: UUID
    from_desk_id: UUID
    to_desk_id: UUID
    by_id: UUID


@dataclass(frozen=True, slots=True)
class TicketReturned(Event):
    """A higher desk gave the question back with advice; `previous_handler_id` had it there before."""

    ticket_id: UUID
    from_desk_id: UUID
    to_desk_id: UUID
    previous_handler_id: UUID | None


@dataclass(frozen=True, slots=True)
class TicketResolved(Event):
    """A technician gave the written answer."""

    ticket_id: UUID
    conversation_id: UUID
    requester_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class TicketReopened(Event):
    """The asker says that it is not solved; `resolver_id` had given the answer."""

    ticket_id: UUID
    resolver_id: UUID | None


@dataclass(frozen=True, slots=True)
class TicketClosed(Event):
    """The asker confirmed the answer."""

    ticket_id: UUID
