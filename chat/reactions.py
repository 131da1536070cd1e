"""What the messenger does after something has happened; each may run twice."""

from __future__ import annotations

from sqlalchemy.orm import Session

from chat.events import GroupLaidDown
from chat.services.members import settle_changed, settle_group
from registry_core.access.events import RoleGiven


def settle_new_group(session: Session, event: GroupLaidDown) -> None:
    """Write down who belongs to a new group by rule."""
    settle_group(session, event.conversation_id)


def settle_groups_of_role(session: Session, _event: RoleGiven) -> None:
    """Take somebody with a new role into the groups that follow it."""
    settle_changed(session)
