"""Questions within an actor's reach: one's own, and those that came into the custody of one's desk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, Uuid, and_, bindparam, column, exists, func, or_, select
from sqlalchemy.orm import Session

from helpdesk.errors import OfferNotFound, QuestionNotFound
from helpdesk.models import (
    Channel,
    Custody,
    Desk,
    Offer,
    OfferState,
    ProblemRecord,
    StepKind,
    Ticket,
    TicketState,
    TicketStep,
)
from helpdesk.policies import HANDLE, Standing
from registry_core.access.actors import Actor
from registry_core.db import run


def reachable(actor: Actor) -> ColumnElement[bool]:
    """Limit questions to those the actor asked, and those that are or were in the custody of the actor's desk.

    A desk that has passed a question up keeps reading it; a desk that it never reached does not know it.
    """
    own = Ticket.requester_id == actor.account_id
    units = actor.units(HANDLE)
    if not units:
        return own
    return or_(own, _was_at_desk(Desk.unit_id.in_(units)))


def _was_at_desk(desks: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(Custody.id)
        .join(Desk, Desk.id == Custody.desk_id)
        .where(Custody.ticket_id == Ticket.id, desks)
        .correlate(Ticket, _ASKED)
        .exists()
    )


def get_ticket(session: Session, actor: Actor, ticket_id: UUID, *, for_update: bool = False) -> Ticket:
    """Load a question within the actor's reach, locked where it is to change.

    Raises QuestionNotFound.
    """
    query = select(Ticket).where(Ticket.id == ticket_id, reachable(actor))
    if for_update:
        query = query.with_for_update(of=Ticket).execution_options(populate_existing=True)
    ticket = session.scalar(query)
    if ticket is None:
        raise QuestionNotFound
    return ticket


def lock_ticket(session: Session, ticket_id: UUID, *, skip_locked: bool = False) -> Ticket | None:
    """Lock a question for the clock or an offer; None where another transaction has it and `skip_locked` is set."""
    return session.scalar(
        select(Ticket)
        .where(Ticket.id == ticket_id)
        .with_for_update(skip_locked=skip_locked)
        .execution_options(populate_existing=True)
    )


def find_by_client_id(session: Session, actor: Actor, client_id: str) -> Ticket | None:
    """Find the question that this form made before."""
    return session.scalar(select(Ticket).where(Ticket.requester_id == actor.account_id, Ticket.client_id == client_id))


# Built once: every message asks this. The condition is that of `reachable`, with those who ask to be given.
_ASKED = (
    func.unnest(
        bindparam("places", type_=ARRAY(Integer)),
        bindparam("account_ids", type_=ARRAY(Uuid)),
        bindparam("conversation_ids", type_=ARRAY(Uuid)),
    )
    .table_valued(column("place", Integer), column("account_id", Uuid), column("conversation_id", Uuid), name="asked")
    .render_derived()
)
_SERVED = (
    func.unnest(bindparam("served_places", type_=ARRAY(Integer)), bindparam("unit_ids", type_=ARRAY(Uuid)))
    .table_valued(column("place", Integer), column("unit_id", Uuid), name="served")
    .render_derived()
)
_AT_SERVED_DESK = (
    exists().where(_SERVED.c.place == _ASKED.c.place, _SERVED.c.unit_id == Desk.unit_id).correlate(_ASKED, Desk)
)
_STANDINGS = (
    select(
        _ASKED.c.place,
        Ticket.id,
        Ticket.conversation_id,
        Ticket.requester_id,
        Ticket.handler_id,
        Ticket.state,
        or_(Ticket.requester_id == _ASKED.c.account_id, _was_at_desk(_AT_SERVED_DESK)).label("is_reachable"),
    )
    .select_from(_ASKED)
    .join(Ticket, Ticket.conversation_id == _ASKED.c.conversation_id)
)


def find_standings(session: Session, wanted: Sequence[tuple[Actor, UUID]]) -> list[Standing | None]:
    """Say how the question of each conversation stands to who asks; None where a conversation is no question's."""
    served = [(place, unit_id) for place, (actor, _id) in enumerate(wanted) for unit_id in actor.units(HANDLE)]
    values = {
        "places": list(range(len(wanted))),
        "account_ids": [actor.account_id for actor, _id in wanted],
        "conversation_ids": [conversation_id for _actor, conversation_id in wanted],
        "served_places": [place for place, _unit_id in served],
        "unit_ids": [unit_id for _place, unit_id in served],
    }
    found = {row[0]: Standing(*row[1:]) for row in run(session, _STANDINGS, values)}
    return [found.get(place) for place in range(len(wanted))]


def select_readable(actor: Actor) -> list[Select[UUID]]:
    """Select the conversations of the questions within the actor's reach, in parts: `reachable` for many at once."""
    parts = [select(Ticket.conversation_id).where(Ticket.requester_id == actor.account_id)]
    units = actor.units(HANDLE)
    if units:
        at_desk = select(Ticket.conversation_id).join(Custody, Custody.ticket_id == Ticket.id)
        parts.append(at_desk.join(Desk, Desk.id == Custody.desk_id).where(Desk.unit_id.in_(units)))
    return parts


def list_titles(session: Session, actor: Actor, conversation_ids: Collection[UUID]) -> dict[UUID, str]:
    """Say of what the questions of conversations are, where they are within the actor's reach."""
    rows = session.execute(
        select(Ticket.conversation_id, Ticket.title).where(
            Ticket.conversation_id.in_(conversation_ids), reachable(actor)
        )
    )
    return dict(rows.all())


def list_own_questions(session: Session, actor: Actor, *, open_only: bool = False, limit: int = 100) -> list[Ticket]:
    """List what the actor asked, latest first."""
    query = select(Ticket).where(Ticket.requester_id == actor.account_id)
    if open_only:
        query = query.where(Ticket.state != TicketState.CLOSED)
    return list(session.scalars(query.order_by(Ticket.asked_at.desc()).limit(limit)))


def list_in_hand(session: Session, actor: Actor) -> list[Ticket]:
    """List the questions that the actor is answering, and those resolved that the asker has not confirmed."""
    return list(
        session.scalars(
            select(Ticket)
            .where(
                Ticket.handler_id == actor.account_id,
                Ticket.state.in_((TicketState.TALKING, TicketState.RESOLVED)),
                reachable(actor),
            )
            .order_by(Ticket.state.desc(), Ticket.asked_at)
        )
    )


def list_at_desks(session: Session, desk_ids: Sequence[UUID], *, limit: int = 100) -> list[Ticket]:
    """List the questions that wait or ring in the custody of desks, longest waiting first."""
    return list(
        session.scalars(
            select(Ticket)
            .where(
                Ticket.custody_desk_id.in_(desk_ids),
                Ticket.state.in_((TicketState.WAITING, TicketState.RINGING)),
            )
            .order_by(Ticket.asked_at)
            .limit(limit)
        )
    )


def list_passed_on(session: Session, desk_ids: Sequence[UUID], *, limit: int = 50) -> list[Ticket]:
    """List open questions that were in the custody of desks and are now with another, latest first."""
    was_here = (
        select(Custody.id)
        .where(Custody.ticket_id == Ticket.id, Custody.desk_id.in_(desk_ids), Custody.until.is_not(None))
        .correlate(Ticket)
        .exists()
    )
    return list(
        session.scalars(
            select(Ticket)
            .where(
                was_here,
                Ticket.custody_desk_id.not_in(desk_ids),
                Ticket.state != TicketState.CLOSED,
            )
            .order_by(Ticket.asked_at.desc())
            .limit(limit)
        )
    )


def list_history_of(session: Session, actor: Actor, ticket: Ticket, *, limit: int = 10) -> list[Ticket]:
    """List what the same person asked before, as far as the actor reaches it."""
    return list(
        session.scalars(
            select(Ticket)
            .where(Ticket.requester_id == ticket.requester_id, Ticket.id != ticket.id, reachable(actor))
            .order_by(Ticket.asked_at.desc())
            .limit(limit)
        )
    )


def list_steps(session: Session, ticket_id: UUID) -> list[TicketStep]:
    """List every step of a question in order, for a caller that has checked the right."""
    return list(
        session.scalars(select(TicketStep).where(TicketStep.ticket_id == ticket_id).order_by(TicketStep.number))
    )


def find_last_step_kind(session: Session, ticket: Ticket) -> StepKind | None:
    """Find what happened last to a question."""
    return session.scalar(
        select(TicketStep.kind).where(TicketStep.ticket_id == ticket.id, TicketStep.number == ticket.steps)
    )


def is_unverified(session: Session, ticket: Ticket) -> bool:
    """Say whether a question came in at the door and nobody has checked yet who asks."""
    checked = select(TicketStep.id).where(
        TicketStep.ticket_id == ticket.id, TicketStep.kind == StepKind.IDENTITY_CHECKED
    )
    return ticket.channel is Channel.DOOR and session.scalar(checked.limit(1)) is None


def count_open_at_door(session: Session, desk_id: UUID) -> int:
    """Count the open questions from the door that a desk has in its custody."""
    return session.scalars(
        select(func.count()).where(
            Ticket.custody_desk_id == desk_id, Ticket.channel == Channel.DOOR, Ticket.state != TicketState.CLOSED
        )
    ).one()


def find_at_door(session: Session, client_id: str) -> Ticket | None:
    """Find the question that this form made at the door before."""
    return session.scalar(select(Ticket).where(Ticket.client_id == client_id, Ticket.channel == Channel.DOOR))


def find_record(session: Session, ticket_id: UUID) -> ProblemRecord | None:
    """Find the problem record of a question, for a caller that has checked the right."""
    return session.get(ProblemRecord, ticket_id)


def find_ringing_offer(session: Session, ticket_id: UUID) -> Offer | None:
    """Find the offer that rings for a question."""
    return session.scalar(select(Offer).where(Offer.ticket_id == ticket_id, Offer.state == OfferState.RINGING))


def list_ringing_for(session: Session, account_id: UUID) -> list[Offer]:
    """List what rings for a technician (at most one, guarded by the database)."""
    return list(session.scalars(select(Offer).where(Offer.account_id == account_id, Offer.state == OfferState.RINGING)))


def get_offer(session: Session, actor: Actor, offer_id: UUID) -> Offer:
    """Load an offer made to the actor.

    Raises OfferNotFound.
    """
    offer = session.scalar(
        select(Offer)
        .where(and_(Offer.id == offer_id, Offer.account_id == actor.account_id))
        .execution_options(populate_existing=True)
    )
    if offer is None:
        raise OfferNotFound
    return offer


def find_previous_custody(session: Session, ticket: Ticket, desk_ids: Sequence[UUID]) -> Custody | None:
    """Find the latest ended custody of the question at one of the desks."""
    return session.scalar(
        select(Custody)
        .where(Custody.ticket_id == ticket.id, Custody.desk_id.in_(desk_ids), Custody.until.is_not(None))
        .order_by(Custody.until.desc(), Custody.id.desc())
        .limit(1)
    )


def find_last_answering_desk(session: Session, ticket: Ticket, desk_ids: Sequence[UUID]) -> UUID | None:
    """Find at which of the desks somebody answered the question last."""
    return session.scalar(
        select(TicketStep.desk_id)
        .where(
            TicketStep.ticket_id == ticket.id,
            TicketStep.desk_id.in_(desk_ids),
            TicketStep.kind.in_(("accepted", "taken")),
        )
        .order_by(TicketStep.number.desc())
        .limit(1)
    )


def find_last_handler(session: Session, ticket: Ticket, desk_id: UUID) -> UUID | None:
    """Find who answered the question last at a desk."""
    return session.scalar(
        select(TicketStep.actor_id)
        .where(
            TicketStep.ticket_id == ticket.id,
            TicketStep.desk_id == desk_id,
            TicketStep.kind.in_(("accepted", "taken")),
        )
        .order_by(TicketStep.number.desc())
        .limit(1)
    )
