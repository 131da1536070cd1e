"""Who took over the post of somebody who answered at a desk."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from helpdesk.models import Desk, DeskMember, Ticket, TicketState
from helpdesk.queries.technicians import holds_role
from registry_core.access.models import RoleAssignment

_Left = aliased(RoleAssignment)
_Taken = aliased(RoleAssignment)


def find_successor(session: Session, account_id: UUID, desk_id: UUID, *, at: datetime) -> UUID | None:
    """Find who took over the post of somebody at a desk and may answer there now; None also without a certificate."""
    return session.scalar(
        select(_Taken.account_id)
        .select_from(Desk)
        .join(_Left, _Left.unit_id == Desk.unit_id)
        .join(_Taken, _Taken.succeeds_id == _Left.id)
        .join(DeskMember, and_(DeskMember.desk_id == Desk.id, DeskMember.account_id == _Taken.account_id))
        .where(
            Desk.id == desk_id,
            _Left.account_id == account_id,
            _Left.valid_until <= at,
            _Taken.valid_from <= at,
            holds_role(_Taken.account_id, at),
        )
        .order_by(_Taken.valid_from.desc())
        .limit(1)
    )


def list_desks_left(session: Session, account_id: UUID, unit_id: UUID) -> list[Desk]:
    """List the desks of a unit that somebody is a member of."""
    query = (
        select(Desk)
        .join(DeskMember, DeskMember.desk_id == Desk.id)
        .where(Desk.unit_id == unit_id, DeskMember.account_id == account_id)
    )
    return list(session.scalars(query))


def list_in_hand(session: Session, account_id: UUID, desk_id: UUID) -> list[UUID]:
    """List the questions at a desk that somebody is answering, the longest asked first."""
    query = (
        select(Ticket.id)
        .where(Ticket.handler_id == account_id, Ticket.state == TicketState.TALKING, Ticket.custody_desk_id == desk_id)
        .order_by(Ticket.asked_at, Ticket.id)
    )
    return list(session.scalars(query))


def may_still_answer(session: Session, account_id: UUID, desk_id: UUID, *, at: datetime) -> bool:
    """Say whether somebody holds another role with which they answer at a desk."""
    query = select(Desk.id).where(Desk.id == desk_id, holds_role(DeskMember.account_id, at))
    return session.scalar(query.join(DeskMember, _is_member(account_id))) is not None


def _is_member(account_id: UUID) -> ColumnElement[bool]:
    return and_(DeskMember.desk_id == Desk.id, DeskMember.account_id == account_id)
