"""Values of rules in words: a label and what a reader should know, never the data as they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from babel.dates import format_skeleton
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from msgspec import Struct

from registry_core.access.models import Role
from registry_core.access.roles import DEFINITIONS
from registry_core.rules.presenters.labels import ENTERED, FIELDS, PROCEDURE, SILENT, TOPICS, VALUES
from registry_core.rules.topics import (
    Condition,
    EntryPair,
    MonthDay,
    ProcedureSpec,
    Purpose,
    SecondFactorRules,
    StepSpec,
)

_ANY_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a rule says: its label and one line, or several."""

    label: str
    lines: tuple[str, ...]


def topic_label(topic: str) -> str:
    """Name a topic in the reader's language."""
    return str(TOPICS.get(topic, PROCEDURE))


def rule_label(topic: str, value: Struct) -> str:
    """Name what a rule is about; a procedure by its own name."""
    if isinstance(value, ProcedureSpec):
        return _("流程：%(name)s", name=_own_name(value))
    return topic_label(topic)


def tell(value: Struct) -> tuple[Fact, ...]:
    """Tell what a value says, field by field; what it leaves open is not told."""
    labels = FIELDS[type(value)]
    if isinstance(value, SecondFactorRules) and not value.roles:
        said = _("现在不要求任何角色使用。每个人都可以在“账号与安全”里自己打开。")
        return (Fact(str(labels["roles"]), (said,)),)
    stated = [(field, getattr(value, field)) for field in value.__struct_fields__ if field not in SILENT]
    if isinstance(value, ProcedureSpec) and value.withdraw_until:
        name = next(_own_name(step) for step in value.steps if step.code == value.withdraw_until)
        stated = [(field, name if field == "withdraw_until" else said) for field, said in stated]
    return tuple(Fact(str(labels[field]), _lines(said)) for field, said in stated if said not in (None, (), ""))


def _lines(value: Any) -> tuple[str, ...]:
    if not isinstance(value, tuple):
        return (_say(value),)
    if isinstance(value[0], Struct) and not isinstance(value[0], MonthDay):
        return tuple(_say(one) for one in value)
    return (_("、").join(_say(one) for one in value),)


def _say(value: Any) -> str:
    match value:
        case bool():
            return _("是") if value else _("否")
        case Role():
            return _role(value)
        case MonthDay():
            return format_skeleton("MMMd", value.of(_ANY_YEAR), locale=get_locale() or "zh_Hans")
        case EntryPair():
            return _say_pair(value)
        case StepSpec() | Purpose():
            return _("%(name)s（%(details)s）", name=_own_name(value), details=_details(value))
        case _:
            return str(VALUES.get(str(value), value))


def _role(role: Role) -> str:
    return str(DEFINITIONS[role].name)


def _say_pair(pair: EntryPair) -> str:
    said = _(
        "%(what)s：%(entered)s 录入，%(checked)s（%(at)s）核对",
        what=str(ENTERED[pair.what]),
        entered=_("、").join(_role(role) for role in pair.entered_by),
        checked=_role(pair.checked_by),
        at=_say(pair.at),
    )
    return _("%(said)s（所辖学校也录入）", said=said) if pair.from_below else said


def _details(step: StepSpec | Purpose) -> str:
    if isinstance(step, Purpose):
        return _("、").join(_role(role) for role in step.roles)
    parts = [_role(step.role), _say(step.at)]
    if step.working_days:
        parts.append(ngettext("%(num)s 个工作日", "%(num)s 个工作日", step.working_days))
    if step.by != "decider":
        parts.append(_say(step.by))
    if step.condition is not None:
        parts.append(_say_condition(step.condition))
    return _("，").join(parts)


def _say_condition(condition: Condition) -> str:
    cases = [_say(stage) for stage in condition.stages]
    if condition.crosses_city:
        cases.append(_("跨地市"))
    if condition.not_run_by_city:
        cases.append(_("学校不由市直属"))
    return _("限%(cases)s", cases=_("或").join(cases))


def _own_name(named: ProcedureSpec | StepSpec | Purpose) -> str:
    return named.name_en if str(get_locale()) == "en" else named.name_zh
