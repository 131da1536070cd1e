"""Who will decide, told to who is about to apply."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import ngettext
from sqlalchemy.orm import Session

from registry_core.approvals.paths import Facts, plan
from registry_core.approvals.presenters import words
from registry_core.approvals.queries.deciders import load_ladder
from registry_core.orgs.models import OrgUnit
from registry_core.rules.queries import Rule


@dataclass(frozen=True, slots=True)
class StopView:
    """A step on the way: what happens, who decides it, and within how many working days."""

    name: str
    unit_name: str
    role_name: str
    limit: str


@dataclass(frozen=True, slots=True)
class PathView:
    """The way of an application, and where it is laid down."""

    stops: tuple[StopView, ...]
    clause: str
    pack_code: str


def preview_path(session: Session, unit: OrgUnit, rule: Rule, facts: Facts) -> PathView:
    """Say which steps an application of a unit would take today; only for procedures without sides."""
    stops = plan(rule.value, facts, {None: load_ladder(session, unit)})
    return PathView(
        tuple(
            StopView(
                words.in_language(stop.step.name_zh, stop.step.name_en),
                stop.unit.name,
                words.role_name(stop.step.role.value),
                _limit(stop.step.working_days),
            )
            for stop in stops
        ),
        rule.clause,
        rule.pack_code,
    )


def _limit(working_days: int) -> str:
    return ngettext("%(num)s 个工作日内", "%(num)s 个工作日内", working_days) if working_days else ""
