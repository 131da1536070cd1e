"""The chain of desks on the way from a unit up to the ministry, and whether each is open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, any_, bindparam, func, select
from sqlalchemy.orm import Session

from helpdesk.hours import DAYS_AHEAD, DeskHours, desk_hours
from helpdesk.models import Desk, DeskMember
from registry_core import clock
from registry_core.calendars.models import CalendarDay
from registry_core.calendars.working_days import WorkingDays
from registry_core.db import run
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
    hours: DeskHours | None
    """None: open at all times."""

    def is_open(self, at: datetime) -> bool:
        """Say whether the desk takes questions at an instant: switched on and within its hours."""
        return self.switched_on and (self.hours is None or self.hours.is_open(at))

    def opens_at(self, after: datetime) -> datetime | None:
        """Say when the desk opens next; None where it is switched off, open at all times, or shut for weeks."""
        return self.hours.opens_at(after) if self.switched_on and self.hours is not None else None


def list_chain(session: Session, unit_path: str) -> tuple[ChainDesk, ...]:
    """List the desks from a unit (its own first) up to the ministry."""
    return list_desks_on(session, lineage(unit_path))


def chain_from(session: Session, unit_id: UUID) -> tuple[ChainDesk, ...]:
    """List the desks from a unit, given by its id, up to the ministry."""
    return list_chain(session, run(session, _PATH_OF_UNIT, {"unit_id": unit_id}).scalar_one())


def chain_above(session: Session, desk_id: UUID) -> tuple[ChainDesk, ...]:
    """List a desk and those above it, up to the ministry.

    A question climbs from the desk that has it, not from where it was asked: the asker's unit may have been moved
    under another county since, and is no longer below that desk.
    """
    return list_chain(session, run(session, _PATH_OF_DESK, {"desk_id": desk_id}).scalar_one())


def list_desks_on(session: Session, unit_paths: Collection[str]) -> tuple[ChainDesk, ...]:
    """List the desks of the units with these paths, lowest first."""
    return _with_hours(session, run(session, _DESKS_ON, {"unit_paths": list(unit_paths)}).all())


def list_desks_of_member(session: Session, account_id: UUID) -> tuple[ChainDesk, ...]:
    """List the desks that somebody is a member of, lowest first."""
    return _with_hours(session, run(session, _DESKS_OF_MEMBER, {"account_id": account_id}).all())


# Built once: every question that is asked, declined or passed on asks these.
_PATH_OF_UNIT = select(OrgUnit.path).where(OrgUnit.id == bindparam("unit_id", type_=Uuid))
_PATH_OF_DESK = (
    select(OrgUnit.path).join(Desk, Desk.unit_id == OrgUnit.id).where(Desk.id == bindparam("desk_id", type_=Uuid))
)
_DESKS = (
    select(
        Desk.id,
        Desk.name,
        Desk.unit_id,
        OrgUnit.name.label("unit_name"),
        OrgUnit.path,
        OrgUnit.level,
        Desk.switched_on,
        Desk.ring_seconds,
        Desk.weekly_slots,
        Desk.works_on_makeup_days,
        Desk.holiday_slots,
    )
    .join(OrgUnit, OrgUnit.id == Desk.unit_id)
    .order_by(func.length(OrgUnit.path).desc())
)
_DESKS_ON = _DESKS.where(OrgUnit.path == any_(bindparam("unit_paths", type_=ARRAY(OrgUnit.path.type))))
_DESKS_OF_MEMBER = _DESKS.join(DeskMember, DeskMember.desk_id == Desk.id).where(
    DeskMember.account_id == bindparam("account_id", type_=Uuid)
)

_DAYS = select(CalendarDay.day, CalendarDay.kind).where(CalendarDay.day.between(bindparam("first"), bindparam("last")))


def _days_around(session: Session, today: date) -> WorkingDays:
    """Load the calendar of the years that an opening may lie in: one or two, some thirty rows each."""
    years = (today - timedelta(days=1)).year, (today + timedelta(days=DAYS_AHEAD)).year
    rows = run(session, _DAYS, {"first": date(years[0], 1, 1), "last": date(years[1], 12, 31)})
    return WorkingDays({row.day: row.kind for row in rows})


def _with_hours(session: Session, rows: Sequence[Row[Any]]) -> tuple[ChainDesk, ...]:
    has_hours = any(row.weekly_slots for row in rows)
    days = _days_around(session, clock.local(clock.now()).date()) if has_hours else WorkingDays({})
    return tuple(
        ChainDesk(
            row.id,
            row.name,
            row.unit_id,
            row.unit_name,
            row.path,
            row.level,
            row.switched_on,
            row.ring_seconds,
            desk_hours(row.weekly_slots, row.holiday_slots, makeup_days=row.works_on_makeup_days, days=days),
        )
        for row in rows
    )
