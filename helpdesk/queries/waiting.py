"""Questions that wait, and whose search reaches whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import SQLCoreOperations

from helpdesk.models import Desk, Duty, Offer, OfferState, StepKind, Ticket, TicketState, TicketStep
from registry_core.orgs.models import OrgUnit, lineage

SAYS_THAT_IT_WAITS = (StepKind.RECORD_OPENED, StepKind.WAITS)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question that waits, and where: the path of the unit whose desk has it.

    `is_told` says whether its steps say that it waits: one that was only put off may still find somebody.
    """

    ticket_id: UUID
    requester_id: UUID
    asked_at: datetime
    unit_path: str
    may_climb: bool
    is_told: bool

    @property
    def way(self) -> tuple[str, ...]:
        """The units whose desks its search reaches, nearest first."""
        return lineage(self.unit_path)[::-1] if self.may_climb else (self.unit_path,)


def list_waiting(session: Session, *, limit: int) -> list[Waiting]:
    """List the questions that wait anywhere, longest waiting first."""
    rows = session.execute(
        select(
            Ticket.id,
            Ticket.requester_id,
            Ticket.asked_at,
            OrgUnit.path,
            Ticket.may_climb,
            TicketStep.kind.in_(SAYS_THAT_IT_WAITS),
        )
        .join(Desk, Desk.id == Ticket.custody_desk_id)
        .join(OrgUnit, OrgUnit.id == Desk.unit_id)
        .join(TicketStep, and_(TicketStep.ticket_id == Ticket.id, TicketStep.number == Ticket.steps))
        .where(Ticket.state == TicketState.WAITING)
        .order_by(Ticket.asked_at, Ticket.id)
        .limit(limit)
    )
    return [Waiting(*row) for row in rows]


def list_waiting_for(session: Session, account_id: UUID, desk_ids: Sequence[UUID], *, limit: int = 20) -> list[UUID]:
    """List the waiting questions whose search reaches these desks and that this technician has not had a turn of.

    Nearest level first, there longest waiting first.
    """
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
    within_reach = or_(
        custody_desk.id == Desk.id, and_(Ticket.may_climb, func.starts_with(custody_unit.path, desk_unit.path))
    )
    rows = session.scalars(
        select(Ticket.id)
        .join(custody_desk, custody_desk.id == Ticket.custody_desk_id)
        .join(custody_unit, custody_unit.id == custody_desk.unit_id)
        .join(Desk, Desk.id.in_(desk_ids))
        .join(desk_unit, desk_unit.id == Desk.unit_id)
        .where(Ticket.state == TicketState.WAITING, Ticket.requester_id != account_id, within_reach, ~turned)
        .group_by(Ticket.id)
        .order_by(func.min(_depth(custody_unit.path) - _depth(desk_unit.path)), Ticket.asked_at, Ticket.id)
        .limit(limit)
    )
    return list(rows)


def _depth(path: SQLCoreOperations[str]) -> ColumnElement[int]:
    """Count the levels of a path; its length in characters would compare long numbers, not levels."""
    return func.length(path) - func.length(func.replace(path, "/", ""))
