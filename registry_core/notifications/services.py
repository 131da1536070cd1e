"""Putting a notice into somebody's bell, and reading it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from registry_core import clock, live
from registry_core.access.actors import Actor
from registry_core.db import new_id
from registry_core.notifications.models import Notice

NOTICES_CHANGED = "notices:changed"


def notify(session: Session, account_id: UUID, *, kind: str, details: Mapping[str, Any], url: str, source: str) -> bool:
    """Put a notice into an account's bell; say whether it is new.

    `source` names what caused it: the same source gives one notice, however often a reaction runs. `details` are the
    JSON values from which `presenters` makes the words; `url` is a path of this house.
    """
    added = session.scalar(
        insert(Notice)
        .values(
            id=new_id(),
            account_id=account_id,
            kind=kind,
            details=dict(details),
            url=url,
            source=source,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["account_id", "source"])
        .returning(Notice.id)
    )
    if added is None:
        return False
    live.push(session, live.account_room(account_id), NOTICES_CHANGED)
    return True


def read_sources(session: Session, account_id: UUID, sources: Collection[str]) -> None:
    """Mark those notices of an account as read that came from what it has just seen itself."""
    if not sources:
        return
    read = session.scalars(
        update(Notice)
        .where(Notice.account_id == account_id, Notice.read_at.is_(None), Notice.source.in_(sources))
        .values(read_at=clock.now())
        .returning(Notice.id)
        .execution_options(synchronize_session=False)
    ).all()
    if read:
        live.push(session, live.account_room(account_id), NOTICES_CHANGED)


def mark_all_read(session: Session, actor: Actor) -> None:
    """Mark every notice of the actor as read."""
    session.execute(
        update(Notice)
        .where(Notice.account_id == actor.account_id, Notice.read_at.is_(None))
        .values(read_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    live.push(session, live.account_room(actor.account_id), NOTICES_CHANGED)
