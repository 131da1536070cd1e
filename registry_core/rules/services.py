"""Filing a unit's own rules with the level above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor, visible_units
from registry_core.audit import services as audit
from registry_core.audit.values import Subject
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import Level, OrgUnit
from registry_core.rules import queries
from registry_core.rules.errors import NothingToFileWith, PackOfAnotherUnit, RuleMissing
from registry_core.rules.models import RuleFiling
from registry_core.rules.policies import FILE_RULES, FILING_LEVELS
from registry_core.rules.topics import FilingRules


@dataclass(frozen=True, slots=True)
class LocalRules:
    """The rules that a unit files: title, what they settle, since when; `number` if the level above has given one."""

    title: str
    summary: str
    topics: tuple[str, ...]
    filed_on: date
    valid_from: date
    valid_until: date | None = None
    number: str | None = None
    pack_code: str | None = None


def file_rules(session: Session, actor: Actor, unit_id: UUID, rules: LocalRules) -> RuleFiling:
    """Put on record that a unit filed its own rules with the level that its province's pack names.

    Source: file 002, article 30 (with the province); elsewhere with the unit directly above.
    Raises UnitNotFound, NothingToFileWith, PackNotFound, PackOfAnotherUnit.
    """
    unit = orgs.get_unit(session, visible_units(actor, FILE_RULES), unit_id)
    filing = RuleFiling(
        unit_id=unit.id,
        filed_with_id=get_receiver(session, unit, on=rules.filed_on).id,
        pack_id=_own_pack(session, unit, rules.pack_code),
        title=rules.title,
        summary=rules.summary,
        topics=list(rules.topics),
        number=rules.number,
        filed_on=rules.filed_on,
        valid_from=rules.valid_from,
        valid_until=rules.valid_until,
        filed_by_id=actor.account_id,
        created_at=clock.now(),
    )
    session.add(filing)
    session.flush()
    audit.note(session, actor, "rules.filed", about=Subject("unit", unit.id, unit.id, rules.title))
    return filing


def get_receiver(session: Session, unit: OrgUnit, *, on: date) -> OrgUnit:
    """Say with whom a unit files its rules.

    Raises NothingToFileWith.
    """
    if unit.level not in FILING_LEVELS:
        raise NothingToFileWith
    above = orgs.list_ancestors(session, unit)[:-1]
    province = next((one for one in above if one.level is Level.PROVINCE), None)
    if province is not None and _files_with(session, unit, on) == "province":
        return province
    return above[-1]


def _files_with(session: Session, unit: OrgUnit, on: date) -> str:
    try:
        value: FilingRules = queries.find_rule(session, unit, "filing", on=on).value
    except RuleMissing:
        return "above"
    return value.filed_with


def _own_pack(session: Session, unit: OrgUnit, code: str | None) -> UUID | None:
    if code is None:
        return None
    pack = queries.get_pack(session, code)
    if pack.owner_unit_id != unit.id:
        raise PackOfAnotherUnit
    return pack.id
