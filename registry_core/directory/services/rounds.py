"""Rounds in which a province collects the directory from its cities and counties, and the reminders of the clock."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import audit, clock, outbox
from registry_core.access.actors import Actor
from registry_core.audit import Subject
from registry_core.directory.errors import DueDayOver, RoundIsOpen, RoundNotHere
from registry_core.directory.events import ContactsDue
from registry_core.directory.models import CollectionRound, DirectoryStamp
from registry_core.directory.policies import COLLECT, may_stamp_for, require_at
from registry_core.directory.queries import rounds as queries
from registry_core.directory.queries.contacts import Coverage
from registry_core.directory.queries.units import get_unit
from registry_core.directory.services.contacts import list_answered_for
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import Level, OrgUnit
from registry_core.rules.errors import RuleMissing
from registry_core.rules.queries import Rule, find_rule

REMIND_DAYS = (7, 3, 1, 0)
"""How many days before the due day the clock reminds; after it, every seventh day."""
_WEEK = 7


def find_contact_rule(session: Session, unit: OrgUnit) -> Rule | None:
    """Find what the rules say about the directory at a unit: by which day, to whom, in what form."""
    try:
        return find_rule(session, unit, "contact_list", on=orgs.today())
    except RuleMissing:
        return None


def next_due_day(rule: Rule) -> date:
    """Say when the day of a rule comes next."""
    today = orgs.today()
    this_year: date = rule.value.by.of(today.year)
    return this_year if this_year > today else rule.value.by.of(today.year + 1)


def open_round(session: Session, actor: Actor, unit_id: UUID, *, title: str, due_on: date) -> CollectionRound:
    """Collect the directory from all cities and counties of a province until a day; the clock tells and reminds them.

    Raises UnitNotFound, Forbidden, RoundNotHere, RoundIsOpen, DueDayOver.
    """
    unit = get_unit(session, actor, unit_id)
    if unit.level is not Level.PROVINCE:
        raise RoundNotHere
    require_at(actor, COLLECT, unit)
    if due_on <= orgs.today():
        raise DueDayOver
    session.refresh(unit, with_for_update={"key_share": True})
    if session.scalar(
        select(CollectionRound.id).where(CollectionRound.unit_id == unit.id, CollectionRound.closed_at.is_(None))
    ):
        raise RoundIsOpen
    rule = find_contact_rule(session, unit)
    opened = CollectionRound(
        unit_id=unit.id,
        title=title,
        clause=rule.clause if rule is not None and next_due_day(rule) == due_on else "",
        due_on=due_on,
        opened_at=clock.now(),
        opened_by_id=actor.account_id,
    )
    session.add(opened)
    session.flush()
    audit.note(session, actor, "directory.round.opened", about=Subject("unit", unit.id, unit.id, title))
    return opened


def close_round(session: Session, actor: Actor, round_id: UUID) -> CollectionRound:
    """Collect no more; what was stamped stays.

    Raises RoundNotFound, Forbidden.
    """
    found, unit = queries.get_round(session, actor, round_id)
    require_at(actor, COLLECT, unit)
    found.close(clock.now())
    session.flush()
    audit.note(session, actor, "directory.round.closed", about=Subject("unit", unit.id, unit.id, found.title))
    return found


def remind(session: Session) -> None:
    """Tell those who still owe something: when a round opens, some days before it is due, and weekly afterwards."""
    today = orgs.today()
    for under_way, province in queries.list_rounds_to_remind(session, on=today):
        left = (under_way.due_on - today).days
        if under_way.reminded_on is None or left in REMIND_DAYS or (left < 0 and left % _WEEK == 0):
            _remind_of(session, under_way, province, on=today)
        under_way.reminded_on = today
    session.flush()


def owes(one: Coverage, stamp: DirectoryStamp | None, under_way: CollectionRound) -> bool:
    """Say whether a city or county still has something to do for a round: a gap to fill, or a stamp to give."""
    unit = one.unit
    if unit.level not in {Level.CITY, Level.COUNTY}:
        return False
    has_stamped = stamp is not None and stamp.stamped_at >= under_way.opened_at
    return one.gaps > 0 or (may_stamp_for(unit) and not has_stamped)


def _remind_of(session: Session, under_way: CollectionRound, province: OrgUnit, *, on: date) -> None:
    coverage = list_answered_for(session, province)
    stamps = queries.list_stamps(session, [one.unit.id for one in coverage])
    for one in coverage:
        if owes(one, stamps.get(one.unit.id), under_way):
            outbox.record(session, ContactsDue(under_way.id, one.unit.id, on))
