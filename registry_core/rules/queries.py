"""Reads of rules. What holds at a unit is public within the house; which units may be asked for, the caller limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from registry_core.orgs import queries as orgs
from registry_core.orgs.models import OrgUnit, lineage
from registry_core.rules.errors import PackNotFound, RuleMissing
from registry_core.rules.models import PackRule, RuleFiling, RulePack
from registry_core.rules.topics import struct_of


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds, and where it comes from: the pack, its owner, the clause and the source."""

    topic: str
    value: Any
    """The struct that is declared for the topic."""
    pack_code: str
    pack_name: str
    owner_unit_id: UUID
    owner_name: str
    clause: str
    source: str
    note: str
    is_house_default: bool
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Holding:
    """The rule that holds about a topic, and those that it stands in front of: further up, or older at the unit."""

    rule: Rule
    overridden: tuple[Rule, ...]

    @property
    def later_above(self) -> Rule | None:
        """The youngest overridden rule that began after the one that holds; people should compare the two."""
        later = [rule for rule in self.overridden if rule.valid_from > self.rule.valid_from]
        return max(later, key=lambda rule: rule.valid_from, default=None)


@dataclass(frozen=True, slots=True)
class Filed:
    """A filing with the names that a page shows."""

    filing: RuleFiling
    unit_name: str
    filed_with_name: str


def find_rule(session: Session, unit: OrgUnit, topic: str, *, on: date) -> Rule:
    """Find what holds about a topic at a unit on a day.

    The nearest pack on the way up that says something about it wins; of two at one unit the one that began later.
    Raises RuleMissing.
    """
    row = session.execute(_rules(unit, on).where(PackRule.topic == topic).limit(1)).first()
    if row is None:
        raise RuleMissing(topic, unit.name, on.isoformat())
    return _rule(row)


@dataclass(frozen=True, slots=True)
class Spread:
    """What packs say about one topic anywhere in the tree on a day: asked once, answered for many units."""

    by_owner: Mapping[str, Rule]
    """By the path of the owner."""

    def at(self, path: str) -> Rule | None:
        """Say what holds at a unit; None where no pack on the way up says anything."""
        return next((self.by_owner[owner] for owner in reversed(lineage(path)) if owner in self.by_owner), None)


def list_spread(session: Session, topic: str, *, on: date) -> Spread:
    """List what every pack in force on a day says about a topic; of two of one owner the one that began later."""
    rows = session.execute(
        _stated()
        .add_columns(OrgUnit.path)
        .where(PackRule.topic == topic, in_force(on))
        .order_by(RulePack.valid_from, RulePack.code.desc())
    )
    return Spread({row[3]: _rule(row) for row in rows})


def list_holdings(session: Session, unit: OrgUnit, *, on: date) -> tuple[Holding, ...]:
    """List what holds at a unit on a day about every topic that any pack on the way up settles."""
    by_topic: dict[str, list[Rule]] = {}
    for row in session.execute(_rules(unit, on)):
        rule = _rule(row)
        by_topic.setdefault(rule.topic, []).append(rule)
    return tuple(Holding(rules[0], tuple(rules[1:])) for rules in by_topic.values())


def get_pack(session: Session, code: str) -> RulePack:
    """Get a pack by its code.

    Raises PackNotFound.
    """
    pack = session.scalar(select(RulePack).where(RulePack.code == code))
    if pack is None:
        raise PackNotFound
    return pack


def list_pack_rules(session: Session, pack: RulePack) -> tuple[Rule, ...]:
    """List what a pack says, topic by topic, in the order in which its file states it."""
    rows = session.execute(_stated().where(RulePack.id == pack.id).order_by(PackRule.id))
    return tuple(_rule(row) for row in rows)


def list_packs(session: Session, unit: OrgUnit | None = None) -> Sequence[RulePack]:
    """List all packs, or those of one unit, by the day on which they began."""
    query = select(RulePack).order_by(RulePack.valid_from, RulePack.code)
    return session.scalars(query if unit is None else query.where(RulePack.owner_unit_id == unit.id)).all()


def list_filings(session: Session, unit: OrgUnit, *, limit: int = 100) -> tuple[Filed, ...]:
    """List what was filed by the units above a unit, by itself and by those below, latest first."""
    issuer, receiver = aliased(OrgUnit), aliased(OrgUnit)
    rows = session.execute(
        select(RuleFiling, issuer.name, receiver.name)
        .join(issuer, issuer.id == RuleFiling.unit_id)
        .join(receiver, receiver.id == RuleFiling.filed_with_id)
        .where(or_(issuer.path.in_(lineage(unit.path)), orgs.subtree_clause(unit.path, issuer.path)))
        .order_by(RuleFiling.filed_on.desc(), RuleFiling.id.desc())
        .limit(limit)
    )
    return tuple(Filed(*row) for row in rows)


def in_force(on: date) -> ColumnElement[bool]:
    """Limit a query to the packs in force on a day."""
    return and_(RulePack.valid_from <= on, or_(RulePack.valid_until.is_(None), RulePack.valid_until > on))


def _stated() -> Select[PackRule, RulePack, str]:
    return (
        select(PackRule, RulePack, OrgUnit.name)
        .join(RulePack, RulePack.id == PackRule.pack_id)
        .join(OrgUnit, OrgUnit.id == RulePack.owner_unit_id)
        .where(PackRule.retired_at.is_(None))
    )


def _rules(unit: OrgUnit, on: date) -> Select[PackRule, RulePack, str]:
    """Select the rules in force on the way up from a unit, nearest first."""
    nearest = func.length(OrgUnit.path).desc()
    return (
        _stated()
        .where(OrgUnit.path.in_(lineage(unit.path)), in_force(on))
        .order_by(nearest, RulePack.valid_from.desc(), RulePack.code)
    )


def _rule(row: Row[PackRule, RulePack, str] | Row[PackRule, RulePack, str, str]) -> Rule:
    rule, pack, owner_name = row[:3]
    return Rule(
        topic=rule.topic,
        value=_value(rule),
        pack_code=pack.code,
        pack_name=pack.name,
        owner_unit_id=pack.owner_unit_id,
        owner_name=owner_name,
        clause=rule.clause,
        source=pack.source,
        note=rule.note,
        is_house_default=rule.is_house_default,
        valid_from=pack.valid_from,
        valid_until=pack.valid_until,
    )


def _value(rule: PackRule) -> Struct:
    """Read a kept value as its struct; a topic that nobody declares any more shows as a fault of the program."""
    struct = struct_of(rule.topic)
    if struct is None:
        raise LookupError(rule.topic)
    return msgspec.convert(rule.value, type=struct)
