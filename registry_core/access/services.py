"""Granting and ending roles."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.errors import RoleAlreadyHeld
from registry_core.access.models import Role, RoleAssignment


def grant_role(
    session: Session, *, account_id: UUID, unit_id: UUID, role: Role, valid_from: datetime | None = None
) -> RoleAssignment:
    """Give an account a role at a unit from an instant on.

    Takes no actor yet: only the demonstration cast and the command line call it; appointing through pages comes with
    the issue on accounts, which adds the separation of duties.
    Raises RoleAlreadyHeld.
    """
    held = session.scalar(
        select(RoleAssignment.id).where(
            RoleAssignment.account_id == account_id,
            RoleAssignment.unit_id == unit_id,
            RoleAssignment.role == role,
            RoleAssignment.valid_until.is_(None),
        )
    )
    if held is not None:
        raise RoleAlreadyHeld
    assignment = RoleAssignment(account_id=account_id, unit_id=unit_id, role=role, valid_from=valid_from or clock.now())
    session.add(assignment)
    session.flush()
    return assignment


def end_role(session: Session, assignment_id: UUID, *, at: datetime | None = None) -> None:
    """Let a role end now or at an instant."""
    session.get_one(RoleAssignment, assignment_id).end(at or clock.now())
    session.flush()
