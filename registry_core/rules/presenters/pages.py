"""What the pages of rules show: frozen values with their words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from registry_core.orgs.models import OrgUnit
from registry_core.rules.presenters.telling import Fact, rule_label, tell, topic_label
from registry_core.rules.queries import Filed, Holding, Rule


@dataclass(frozen=True, slots=True)
class RuleCard:
    """A rule as pages show it; `in_front_of` are the packs whose rule it overrides."""

    topic: str
    label: str
    facts: tuple[Fact, ...]
    clause: str
    source: str
    note: str
    is_house_default: bool
    pack_code: str
    pack_name: str
    owner_name: str
    in_front_of: tuple[tuple[str, str], ...] = ()
    later_above: tuple[str, str] | None = None
    filings: tuple[FilingRow, ...] = ()


@dataclass(frozen=True, slots=True)
class FilingRow:
    """A filing as pages show it."""

    title: str
    summary: str
    unit_name: str
    filed_with_name: str
    filed_on: date
    number: str
    valid_from: date
    valid_until: date | None
    is_in_force: bool
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """A unit that can be chosen in the tree."""

    id: str
    name: str


def present_holdings(holdings: Collection[Holding], filed: Sequence[Filed], *, on: date) -> tuple[RuleCard, ...]:
    """Show what holds, each topic with the filings that name it, in the order in which people look: by label."""
    return tuple(
        _card(
            holding.rule,
            in_front_of=tuple((rule.pack_code, rule.pack_name) for rule in holding.overridden),
            later_above=_pack(holding.later_above),
            filings=tuple(present_filing(one, on=on) for one in filed if holding.rule.topic in one.filing.topics),
        )
        for holding in sorted(holdings, key=lambda holding: holding.rule.topic)
    )


def present_rule(rule: Rule) -> RuleCard:
    """Show one rule of a pack."""
    return _card(rule)


def present_filing(filed: Filed, *, on: date) -> FilingRow:
    """Show a filing; it is in force while its dates say so."""
    filing = filed.filing
    return FilingRow(
        filing.title,
        filing.summary,
        filed.unit_name,
        filed.filed_with_name,
        filing.filed_on,
        filing.number or "",
        filing.valid_from,
        filing.valid_until,
        filing.valid_from <= on and (filing.valid_until is None or on < filing.valid_until),
        tuple(topic_label(topic) for topic in filing.topics),
    )


def present_units(units: Sequence[OrgUnit]) -> tuple[UnitChoice, ...]:
    """Show units to choose from."""
    return tuple(UnitChoice(str(unit.id), unit.name) for unit in units)


def _card(
    rule: Rule,
    in_front_of: tuple[tuple[str, str], ...] = (),
    later_above: tuple[str, str] | None = None,
    filings: tuple[FilingRow, ...] = (),
) -> RuleCard:
    return RuleCard(
        topic=rule.topic,
        label=rule_label(rule.topic, rule.value),
        facts=tell(rule.value),
        clause=rule.clause,
        source=rule.source,
        note=rule.note,
        is_house_default=rule.is_house_default,
        pack_code=rule.pack_code,
        pack_name=rule.pack_name,
        owner_name=rule.owner_name,
        in_front_of=in_front_of,
        later_above=later_above,
        filings=filings,
    )


def _pack(rule: Rule | None) -> tuple[str, str] | None:
    return None if rule is None else (rule.pack_code, rule.pack_name)
