"""What people of the levels above have looked at and taken along of a unit's data: the owner sees it.

Source: file 004 (the data belong to the locality: 所有权、管理权和使用权都应该属于各地).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, FromClause, Select, and_, cast, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.access.models import RoleAssignment
from registry_core.accounts.models import Account
from registry_core.audit.models import AuditEntry
from registry_core.audit.policies import SEE_LOOKS
from registry_core.audit.services import PURPOSE, READ, TAKEN
from registry_core.errors import Forbidden
from registry_core.orgs.models import Level, OrgUnit, lineage
from registry_core.orgs.queries import get_unit, subtree_clause, today
from registry_core.rules.queries import Rule, list_spread

TOPIC = "upper_reads"
MOST_GROUPS = 20_000
SHOWN_DAYS = 730
"""How far back an owner sees where no rule says it."""


@dataclass(frozen=True, slots=True)
class WantedLooks:
    """Which looks: from a day until a day, of one level; what is left empty does not limit."""

    since: date | None = None
    until: date | None = None
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class LookGroup:
    """What one person from above did on one day with one kind of data for one purpose, and with how many."""

    day: date
    name: str | None
    borrower: str | None
    """Who acted in the lent role of the person named."""
    from_unit: str
    from_level: Level
    act: str
    kind: str
    purpose: str | None
    many: int
    last_at: datetime


def find_owner(session: Session, actor: Actor, unit_id: UUID | None) -> OrgUnit:
    """Find the unit whose page is wanted, else the lowest one whose looks the actor sees.

    Raises UnitNotFound, Forbidden.
    """
    held = actor.carrying(SEE_LOOKS)
    if unit_id is None:
        if not held:
            raise Forbidden
        unit_id = max(held, key=lambda one: one.unit_level.rank).unit_id
    unit = get_unit(session, visible_units(actor, SEE_LOOKS), unit_id)
    rule = find_rule(session, unit)
    if rule is not None and not any(one.role in rule.value.shown_to for one in held):
        raise Forbidden
    return unit


def find_rule(session: Session, unit: OrgUnit) -> Rule | None:
    """Find the rule by which levels above read, and by which the unit sees it."""
    return list_spread(session, TOPIC, on=today()).at(unit.path)


def list_upper_looks(
    session: Session, unit: OrgUnit, wanted: WantedLooks, *, limit: int = MOST_GROUPS
) -> tuple[list[LookGroup], bool]:
    """List the looks of people of the levels above at a unit and all below it, latest first; say if there are more.

    Whoever acted held a role above the unit at that moment: roles end by date and are never deleted, so this stays
    true after somebody has moved. Under a lent role it is the lender's.
    """
    rule = find_rule(session, unit)
    bound = today() - timedelta(days=rule.value.shown_days if rule else SHOWN_DAYS)
    since = max(wanted.since or bound, bound)
    rows = session.execute(_groups(unit, since, wanted).limit(limit + 1)).all()
    return [LookGroup(*row) for row in rows[:limit]], len(rows) > limit


def _groups(unit: OrgUnit, since: date, wanted: WantedLooks) -> Select[*tuple[Any, ...]]:
    looks = _looks(unit, since, wanted).subquery("looks")
    shown = [looks.c[name] for name in ("day", "name", "borrower", "from_unit", "from_level", "act", "kind", "purpose")]
    last = func.max(looks.c.at)
    return (
        select(*shown, func.count(func.distinct(func.coalesce(looks.c.object_id, ""))), last)
        .group_by(*shown, looks.c.account_id, looks.c.on_behalf_of)
        .order_by(last.desc())
    )


def _looks(unit: OrgUnit, since: date, wanted: WantedLooks) -> Select[*tuple[Any, ...]]:
    """Select each look with who, from where, and on which day in China."""
    above, borrower = _above(unit, wanted.level), aliased(Account)
    limits = [
        AuditEntry.unit_id.in_(select(OrgUnit.id).where(subtree_clause(unit.path))),
        AuditEntry.act.in_((READ, TAKEN)),
        AuditEntry.at >= _midnight(since),
    ]
    if wanted.until is not None:
        limits.append(AuditEntry.at < _midnight(wanted.until + timedelta(days=1)))
    return (
        select(
            cast(func.timezone(str(clock.BEIJING), AuditEntry.at), Date).label("day"),
            Account.name.label("name"),
            borrower.name.label("borrower"),
            above.c.name.label("from_unit"),
            above.c.level.label("from_level"),
            AuditEntry.changes[PURPOSE]["new"].astext.label("purpose"),
            *(AuditEntry.act, AuditEntry.kind, AuditEntry.object_id, AuditEntry.at),
            *(AuditEntry.account_id, AuditEntry.on_behalf_of),
        )
        .select_from(AuditEntry)
        .join(above, true())
        .outerjoin(Account, Account.id == func.coalesce(AuditEntry.on_behalf_of, AuditEntry.account_id))
        .outerjoin(borrower, and_(borrower.id == AuditEntry.account_id, AuditEntry.on_behalf_of.is_not(None)))
        .where(*limits)
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.BEIJING)


def _above(unit: OrgUnit, level: Level | None) -> FromClause:
    """Find the nearest unit above the owner at which whoever acted held a role at that moment."""
    held = (
        select(OrgUnit.name, OrgUnit.level)
        .join(RoleAssignment, RoleAssignment.unit_id == OrgUnit.id)
        .where(
            RoleAssignment.account_id == func.coalesce(AuditEntry.on_behalf_of, AuditEntry.account_id),
            RoleAssignment.valid_from <= AuditEntry.at,
            or_(RoleAssignment.valid_until.is_(None), RoleAssignment.valid_until > AuditEntry.at),
            OrgUnit.path.in_(lineage(unit.path)[:-1]),
        )
        .order_by(func.length(OrgUnit.path).desc())
        .limit(1)
    )
    if level is not None:
        held = held.where(OrgUnit.level == level)
    return held.correlate(AuditEntry).lateral("above")
