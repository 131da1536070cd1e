"""Who belongs to a desk at a moment."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models import Desk, DeskMember, Duty
from helpdesk.policies import HANDLE
from registry_core.access.actors import roles_with
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at


def list_member_ids(session: Session, desk_id: UUID, *, at: datetime, on_duty: bool = False) -> list[UUID]:
    """List the members of a desk who hold the role at its unit; with `on_duty`, only those who take questions."""
    role_held = (
        select(RoleAssignment.id)
        .where(
            RoleAssignment.account_id == DeskMember.account_id,
            RoleAssignment.unit_id == Desk.unit_id,
            RoleAssignment.role.in_(roles_with(HANDLE)),
            held_at(at),
        )
        .correlate(DeskMember, Desk)
        .exists()
    )
    query = (
        select(DeskMember.account_id)
        .join(Desk, Desk.id == DeskMember.desk_id)
        .where(DeskMember.desk_id == desk_id, role_held)
        .order_by(DeskMember.account_id)
    )
    if on_duty:
        query = query.join(Duty, Duty.account_id == DeskMember.account_id).where(Duty.accepting)
    return list(session.scalars(query))
