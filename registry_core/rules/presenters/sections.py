"""The parts in which people look for rules: each topic stands under one heading, a new one under the last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from registry_core.rules.presenters.pages import RuleCard
from registry_core.rules.presenters.telling import topic_label

PROCEDURES = "procedure."


class Part(StrEnum):
    """A heading, in the order of the page."""

    BUSINESS = "business"
    PROCEDURES = "procedures"
    REPORTING = "reporting"
    PEOPLE = "people"
    PROTECTION = "protection"
    PLATFORM = "platform"


PARTS: Mapping[Part, LazyString] = {
    Part.BUSINESS: _l("学籍业务"),
    Part.PROCEDURES: _l("审批流程"),
    Part.REPORTING: _l("核查、上报和联系"),
    Part.PEOPLE: _l("人员、岗位和账号"),
    Part.PROTECTION: _l("数据和信息保护"),
    Part.PLATFORM: _l("系统和网络"),
}
_TOPICS: Mapping[Part, tuple[str, ...]] = {
    Part.BUSINESS: (
        "newcomers",
        "year_turn",
        "graduation",
        "transfers",
        "movement_dates",
        "withdrawal",
        "data_lock",
        "corrections",
        "deadlines",
        "problem_cases",
        "numbers",
        "school_codes",
        "field_counts",
        "scope_of_schools",
        "department_editing",
        "entry_pairs",
        "entry_stand_ins",
        "approvals.department",
    ),
    Part.REPORTING: (
        "audit_rhythm",
        "submission",
        "reporting_rhythm",
        "immediate_reports",
        "filing",
        "contact_list",
        "training_duty",
    ),
    Part.PEOPLE: (
        "officers",
        "account_kinds",
        "separation_of_duties",
        "passwords",
        "second_factor",
        "publishers",
        "messaging",
        "urgent_words",
        "workplaces",
    ),
    Part.PROTECTION: ("undertaking", "purposes", "upper_reads", "readers", "logs", "backup", "files"),
    Part.PLATFORM: ("deployment", "levels_used", "network", "software"),
}
PLACED = {topic: (part, place) for part, topics in _TOPICS.items() for place, topic in enumerate(topics)}
"""Under which heading a topic stands, and where there."""
_ORDER = {part: place for place, part in enumerate(Part)}
_LAST = len(PLACED)


@dataclass(frozen=True, slots=True)
class RulePart:
    """The rules under one heading."""

    code: str
    label: str
    rules: tuple[RuleCard, ...]


@dataclass(frozen=True, slots=True)
class TopicPart:
    """The topics under one heading, each with its label."""

    label: str
    topics: tuple[tuple[str, str], ...]


def part_of(topic: str) -> Part:
    """Say under which heading a topic stands."""
    if topic.startswith(PROCEDURES):
        return Part.PROCEDURES
    return PLACED.get(topic, (Part.PLATFORM, _LAST))[0]


def group_rules(rules: Sequence[RuleCard]) -> tuple[RulePart, ...]:
    """Put rules under their headings; one without any rule is left out."""
    found = sorted(rules, key=lambda rule: _key(rule.topic))
    parts = [part for part in Part if any(part_of(rule.topic) is part for rule in found)]
    return tuple(
        RulePart(part.value, str(PARTS[part]), tuple(rule for rule in found if part_of(rule.topic) is part))
        for part in parts
    )


def group_topics(topics: Iterable[str]) -> tuple[TopicPart, ...]:
    """Put topics under their headings."""
    found = sorted(topics, key=_key)
    parts = [part for part in Part if any(part_of(topic) is part for topic in found)]
    return tuple(
        TopicPart(str(PARTS[part]), tuple((one, topic_label(one)) for one in found if part_of(one) is part))
        for part in parts
    )


def _key(topic: str) -> tuple[int, int, str]:
    place = PLACED.get(topic, (Part.PLATFORM, _LAST))[1]
    return _ORDER[part_of(topic)], place, topic
