"""What somebody chooses about getting word."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.away import queries
from registry_core.away.models import AwayChoice, Lookout
from registry_core.away.policies import Choice


def save_choice(session: Session, actor: Actor, choice: Choice) -> None:
    """Keep what the actor has chosen; a pause that runs stays as it is."""
    _keep(session, actor, choice, until=queries.get_choice(session, actor).paused_until)


def pause(session: Session, actor: Actor, *, until: datetime | None) -> None:
    """Put off all word until an instant, but for word about the account itself; None ends a pause."""
    _keep(session, actor, queries.get_choice(session, actor), until=until)


def look_soon(session: Session, account_id: UUID) -> None:
    """Let the clock look at an account at its next tick: something about it has changed."""
    now = clock.now()
    session.execute(
        insert(Lookout)
        .values(account_id=account_id, look_at=now)
        .on_conflict_do_update(index_elements=["account_id"], set_={"look_at": now})
    )


def _keep(session: Session, actor: Actor, choice: Choice, *, until: datetime | None) -> None:
    values = {
        "switched_off": sorted(choice.switched_off),
        "silence_minutes": None if choice.silence is None else choice.silence // timedelta(minutes=1),
        "digest_hour": choice.digest_hour if choice.silence is None else None,
        "quiet_from": choice.quiet_from,
        "quiet_until": choice.quiet_until,
        "is_quiet_on_days_off": choice.is_quiet_on_days_off,
        "paused_until": until,
        "changed_at": clock.now(),
    }
    session.execute(
        insert(AwayChoice)
        .values(account_id=actor.account_id, **values)
        .on_conflict_do_update(index_elements=["account_id"], set_=values)
    )
    look_soon(session, actor.account_id)
