"""Reads of one's own notices; nobody reads another's."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.notifications.models import Notice


def list_notices(session: Session, actor: Actor, *, limit: int = 100) -> list[Notice]:
    """List the actor's notices, latest first."""
    return list(
        session.scalars(
            select(Notice)
            .where(Notice.account_id == actor.account_id)
            .order_by(Notice.created_at.desc(), Notice.id.desc())
            .limit(limit)
        )
    )


def count_unread(session: Session, actor: Actor) -> int:
    """Count the actor's unread notices."""
    return session.scalars(
        select(func.count()).where(Notice.account_id == actor.account_id, Notice.read_at.is_(None))
    ).one()
