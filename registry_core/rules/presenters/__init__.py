"""What pages show of rules, in words."""

from __future__ import annotations

from registry_core.rules.presenters.pages import (
    FilingRow,
    RuleCard,
    UnitChoice,
    present_filing,
    present_holdings,
    present_rule,
    present_units,
)
from registry_core.rules.presenters.sections import RulePart, TopicPart, group_rules, group_topics
from registry_core.rules.presenters.telling import Fact, rule_label, tell, topic_label

__all__ = [
    "Fact",
    "FilingRow",
    "RuleCard",
    "RulePart",
    "TopicPart",
    "UnitChoice",
    "group_rules",
    "group_topics",
    "present_filing",
    "present_holdings",
    "present_rule",
    "present_units",
    "rule_label",
    "tell",
    "topic_label",
]
