"""What the clock does for approvals; each is one transaction of the worker."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry_core.approvals.services import clocks

ESCALATE_OVERDUE_EVERY_SECONDS = 60.0
MOVE_STRANDED_EVERY_SECONDS = 600.0


def escalate_overdue(session: Session, _presence: object) -> bool:
    """Tell the leader of steps whose day is over; says whether to come again at once."""
    return clocks.escalate_overdue(session)


def move_stranded(session: Session, _presence: object) -> None:
    """Move steps that nobody is left to decide."""
    clocks.move_stranded(session)
