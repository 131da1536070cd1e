"""The chain of desks on the way from a unit up to the ministry, and whether each is open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from helpdesk.models import Desk, DeskHours, DeskMember
from registry_core import clock
from registry_core.orgs.models import Level, OrgUnit, lineage


@dataclass(frozen=True, slots=True)
class ChainDesk:
    """A desk on the way up, with its unit's place in the tree."""

    id: UUID
    name: str
    unit_id: UUID
    unit_name: str
    unit_path: str
    level: Level
    switched_on: bool
    ring_seconds: int
    hours: tuple[DeskHours, ...]

    def is_open(self, at: datetime) -> bool:
        """Say whether the desk takes questions at an instant: switched on and within its hours."""
        if not self.switched_on:
            return False
        local = clock.local(at)
        return not self.hours or any(
            row.weekday == local.isoweekday() and row.opens <= local.time() < row.closes for row in self.hours
        )

    def opens_at(self, after: datetime) -> datetime | None:
        """Say when the desk opens next within eight days, None where it is switched off or has no hours."""
        if not self.switched_on or not self.hours:
            return None
        local = clock.local(after)
        days = [local + timedelta(days=ahead) for ahead in range(8)]
        openings = (
            day.replace(hour=row.opens.hour, minute=row.opens.minute, second=0, microsecond=0)
            for day in days
            for row in self.hours
            if row.weekday == day.isoweekday()
        )
        return min((opening for opening in openings if opening > local), default=None)


def list_chain(session: Session, unit_path: str) -> tuple[ChainDesk, ...]:
    """List the desks from a unit (its own first) up to the ministry."""
    return list_desks_on(session, lineage(unit_path))


def chain_from(session: Session, unit_id: UUID) -> tuple[ChainDesk, ...]:
    """List the desks from a unit, given by its id, up to the ministry."""
    return list_chain(session, session.scalars(select(OrgUnit.path).where(OrgUnit.id == unit_id)).one())


def chain_above(session: Session, desk_id: UUID) -> tuple[ChainDesk, ...]:
    """List a desk and those above it, up to the ministry.

    A question climbs from the desk that has it, not from where it was asked: the asker's unit may have been moved
    under another county since, and is no longer below that desk.
    """
    unit_id = session.scalars(select(Desk.unit_id).where(Desk.id == desk_id)).one()
    return chain_from(session, unit_id)


def list_desks_on(session: Session, unit_paths: Collection[str]) -> tuple[ChainDesk, ...]:
    """List the desks of the units with these paths, lowest first."""
    return _read(session, OrgUnit.path.in_(unit_paths))


def list_desks_of_member(session: Session, account_id: UUID) -> tuple[ChainDesk, ...]:
    """List the desks that somebody is a member of, lowest first."""
    is_member = select(DeskMember.desk_id).where(DeskMember.account_id == account_id)
    return _read(session, Desk.id.in_(is_member))


def _read(session: Session, which: ColumnElement[bool]) -> tuple[ChainDesk, ...]:
    rows = session.execute(
        select(Desk, OrgUnit.name, OrgUnit.path, OrgUnit.level)
        .join(OrgUnit, OrgUnit.id == Desk.unit_id)
        .where(which)
        .order_by(func.length(OrgUnit.path).desc())
    ).all()
    hours = _hours_of(session, [desk.id for desk, *_ in rows])
    return tuple(
        ChainDesk(
            desk.id,
            desk.name,
            desk.unit_id,
            unit_name,
            unit_path,
            level,
            desk.switched_on,
            desk.ring_seconds,
            hours.get(desk.id, ()),
        )
        for desk, unit_name, unit_path, level in rows
    )


def _hours_of(session: Session, desk_ids: list[UUID]) -> dict[UUID, tuple[DeskHours, ...]]:
    hours: dict[UUID, tuple[DeskHours, ...]] = {}
    if not desk_ids:
        return hours
    for row in session.scalars(select(DeskHours).where(DeskHours.desk_id.in_(desk_ids))):
        hours[row.desk_id] = (*hours.get(row.desk_id, ()), row)
    return hours
