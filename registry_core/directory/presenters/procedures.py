"""What is shown to who applies for a school: the way, what has to be attached, until when, and what runs already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from babel.dates import format_skeleton
from flask_babel import get_locale
from sqlalchemy.orm import Session

from registry_core.access.actors import Actor, visible_units
from registry_core.approvals.presenters.evidence import SlotsView, list_slots
from registry_core.approvals.presenters.inbox import ApplicationRow, list_running_rows
from registry_core.approvals.presenters.paths import PathView, preview_path
from registry_core.directory.policies import APPLY
from registry_core.directory.queries.procedures import CODE, SUBJECT, facts_of, find_due, find_procedure
from registry_core.directory.services.schools import SCHOOLS
from registry_core.orgs.models import CodeScheme, OrgUnit
from registry_core.orgs.queries import find_code, today
from registry_core.rules.queries import Rule


@dataclass(frozen=True, slots=True)
class DueView:
    """Until which day codes have been applied for this year, and whether that is over."""

    day: str
    is_over: bool
    clause: str
    pack_code: str


@dataclass(frozen=True, slots=True)
class ProcedureView:
    """Who decides, what has to be attached, and what is being applied for already."""

    path: PathView
    slots: SlotsView
    running: tuple[ApplicationRow, ...]
    due: DueView | None


def view_procedure(
    session: Session, actor: Actor, school: OrgUnit, rule: Rule, chosen: Mapping[int, Sequence[UUID]]
) -> ProcedureView:
    """Present a procedure to who is about to apply; `chosen` are files that were brought already."""
    return ProcedureView(
        preview_path(session, school, rule, facts_of(session, school)),
        list_slots(session, actor, rule.value, chosen),
        list_running(session, actor, school),
        view_due(session, school),
    )


def list_running(session: Session, actor: Actor, school: OrgUnit) -> tuple[ApplicationRow, ...]:
    """Present what is being applied for about a school, as far as the actor has a part in it."""
    return list_running_rows(session, actor, SUBJECT, school.id)


def may_apply_for_code(session: Session, actor: Actor, unit: OrgUnit) -> bool:
    """Say whether the actor may apply for a code of an open school that has none, by a procedure that holds there."""
    return (
        unit.kind in SCHOOLS
        and unit.is_open(today())
        and visible_units(actor, APPLY).covers(unit.path)
        and find_code(session, unit.id, CodeScheme.SCHOOL_CODE) is None
        and find_procedure(session, unit, CODE) is not None
    )


def view_due(session: Session, school: OrgUnit) -> DueView | None:
    """Present the day until which codes have been applied for, where a pack names one."""
    rule = find_due(session, school)
    if rule is None:
        return None
    day = rule.value.by.of(today().year)
    said = format_skeleton("MMMd", day, locale=get_locale() or "zh_Hans")
    return DueView(said, today() > day, rule.clause, rule.pack_code)
