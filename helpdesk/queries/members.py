"""Who belongs to a desk at a moment."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models import Desk, DeskMember, Duty
from helpdesk.queries.technicians import holds_role


def list_member_ids(session: Session, desk_id: UUID, *, at: datetime, on_duty: bool = False) -> list[UUID]:
    """List the members of a desk who hold the role at its unit; with `on_duty`, only those who take questions."""
    query = (
        select(DeskMember.account_id)
        .join(Desk, Desk.id == DeskMember.desk_id)
        .where(DeskMember.desk_id == desk_id, holds_role(DeskMember.account_id, at))
        .order_by(DeskMember.account_id)
    )
    if on_duty:
        query = query.join(Duty, Duty.account_id == DeskMember.account_id).where(Duty.accepting)
    return list(session.scalars(query))
