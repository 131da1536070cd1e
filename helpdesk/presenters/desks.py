"""A desk's settings page: who answers there."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chat.presenters import initials
from helpdesk.models import Desk, DeskMember, Duty, Ticket, TicketState
from registry_core.accounts.models import Account
from registry_core.orgs.models import OrgUnit


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Somebody who answers at a desk."""

    name: str
    initials: str
    level: str
    accepting: bool
    open_count: int
    capacity: int


def list_members(session: Session, desk: Desk) -> tuple[MemberRow, ...]:
    """List who answers at a desk, with the load of this moment."""
    level = session.scalars(select(OrgUnit.level).where(OrgUnit.id == desk.unit_id)).one()
    talking = (
        select(func.count())
        .where(Ticket.handler_id == Duty.account_id, Ticket.state == TicketState.TALKING)
        .correlate(Duty)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Account.name, Duty.accepting, talking, Duty.capacity)
        .join(DeskMember, DeskMember.account_id == Account.id)
        .join(Duty, Duty.account_id == Account.id)
        .where(DeskMember.desk_id == desk.id)
        .order_by(Account.name)
    )
    return tuple(
        MemberRow(name, initials(name), level.value, accepting, open_count, capacity)
        for name, accepting, open_count, capacity in rows
    )
