"""What every write of the help desk does besides: write the step down, move custody, move the open pages."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import force_locale
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from chat.models import Message
from chat.services import post_note
from helpdesk.models import Custody, CustodyReason, StepKind, Ticket, TicketStep
from registry_core import live
from registry_core.db import new_id
from registry_core.personal_numbers import cover_numbers


def desk_room(desk_id: UUID) -> str:
    """Name the room of everybody who answers at a desk."""
    return f"desk:{desk_id}"


def add_step(
    session: Session,
    ticket: Ticket,
    kind: StepKind,
    at: datetime,
    *,
    by: UUID | None = None,
    desk_id: UUID | None = None,
    **details: str | int | None,
) -> TicketStep:
    """Write a step of a question down; the ticket's row is locked, so numbers have no gaps."""
    ticket.steps += 1
    step = TicketStep(
        id=new_id(),
        ticket_id=ticket.id,
        number=ticket.steps,
        kind=kind,
        at=at,
        actor_id=by,
        desk_id=desk_id or ticket.custody_desk_id,
        details=details,
    )
    session.add(step)
    return step


def move_custody(
    session: Session, ticket: Ticket, custody: Custody, to_desk_id: UUID, *, reason: CustodyReason, at: datetime
) -> None:
    """Hand a question from the desk that has it to another; both rows change together or not at all."""
    custody.end(at)
    session.flush()
    ticket.custody_desk_id = to_desk_id
    session.add(Custody(id=new_id(), ticket_id=ticket.id, desk_id=to_desk_id, reason=reason, since=at))
    session.flush()


def say(session: Session, ticket: Ticket, text: LazyString) -> Message:
    """Let the house say a line in the question's conversation, in Chinese: it is kept, and the asker reads it."""
    with force_locale("zh_Hans"):
        body = str(text)
    note = post_note(session, ticket.conversation_id, body=body)
    push_note(session, note)
    return note


def push_note(session: Session, note: Message) -> None:
    """Show a line of the house on the open pages of its conversation."""
    live.push(
        session,
        f"conversation:{note.conversation_id}",
        "message:new",
        {
            "id": str(note.id),
            "conversation_id": str(note.conversation_id),
            "number": note.number,
            "kind": note.kind.value,
            "body": cover_numbers(note.body),
            "at": note.sent_at.isoformat(),
            "sender_id": None,
            "sender_name": "",
            "initials": "",
            "level": "",
            "client_id": None,
        },
    )


def move_screens(session: Session, ticket: Ticket, *also_desks: UUID) -> None:
    """Let the pages that show this question read it anew after commit: the asker's, the technician's, the desk's."""
    payload = {"ticket_id": str(ticket.id)}
    people = {ticket.requester_id, ticket.handler_id} - {None}
    for account_id in people:
        live.push(session, f"account:{account_id}", "ticket:changed", payload)
    live.push(session, f"conversation:{ticket.conversation_id}", "ticket:changed", payload)
    for desk_id in {ticket.custody_desk_id, *also_desks}:
        live.push(session, desk_room(desk_id), "queue:changed")
