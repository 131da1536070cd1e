"""Applying for what becomes of a school: a code, going over into another school, ceasing to exist.

Source: file 003 annex 1 part 5 (3): schools without a code apply for one, merged and closed schools go through their
own flow. What the approval brings about stands in `directory.effects`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from registry_core.access.actors import Actor
from registry_core.approvals import services as approvals
from registry_core.approvals.models import Application
from registry_core.approvals.paths import Fact
from registry_core.approvals.services import Content
from registry_core.approvals.services.attaching import Evidence
from registry_core.directory.errors import CodeHeld
from registry_core.directory.policies import APPLY, MANAGE_UNITS, require_at
from registry_core.directory.queries.procedures import SUBJECT, facts_of
from registry_core.directory.queries.units import get_unit
from registry_core.directory.services.schools import hold, require_alone, require_receiver
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import CodeScheme, OrgUnit
from registry_core.rules.queries import Rule


@dataclass(frozen=True, slots=True)
class _School:
    """A school as what is applied about."""

    id: UUID
    unit_id: UUID
    label: str
    kind: str = SUBJECT


@dataclass(frozen=True, slots=True)
class Papers:
    """Why, and what proves it."""

    reason: str
    evidence: Evidence


def apply_for_code(
    session: Session, actor: Actor, unit_id: UUID, *, rule: Rule, school_class: str, papers: Papers
) -> Application:
    """Apply for a code, as the school itself or as a department on its behalf.

    Raises UnitNotFound, Forbidden, OnlySchools, SchoolIsClosed, CodeHeld, and what `submit_application` raises.
    """
    school = _own(session, actor, unit_id, APPLY)
    held = orgs.find_code(session, school.id, CodeScheme.SCHOOL_CODE)
    if held is not None:
        raise CodeHeld(held)
    facts = facts_of(session, school, school_class) | {"class": school_class}
    return _send(session, actor, school, rule, facts, papers)


def apply_for_merger(
    session: Session, actor: Actor, unit_id: UUID, *, rule: Rule, into: Mapping[str, Fact], papers: Papers
) -> Application:
    """Apply for a school to go over into another one; `into` names it, and whether a teaching point stays.

    Raises UnitNotFound, Forbidden, OnlySchools, SchoolIsClosed, MergedIntoItself, and what `submit_application` raises.
    """
    school = _own(session, actor, unit_id, MANAGE_UNITS)
    receiver = get_unit(session, actor, UUID(str(into["into"])))
    require_at(actor, MANAGE_UNITS, receiver)
    require_receiver(school, receiver)
    return _send(session, actor, school, rule, facts_of(session, school) | dict(into), papers)


def apply_for_closure(session: Session, actor: Actor, unit_id: UUID, *, rule: Rule, papers: Papers) -> Application:
    """Apply for a school to cease to exist.

    Raises UnitNotFound, Forbidden, OnlySchools, SchoolIsClosed, SchoolHasTeachingPoints, and what `submit_application`
    raises.
    """
    school = _own(session, actor, unit_id, MANAGE_UNITS)
    require_alone(session, school)
    return _send(session, actor, school, rule, facts_of(session, school), papers)


def _own(session: Session, actor: Actor, unit_id: UUID, permission: str) -> OrgUnit:
    school = get_unit(session, actor, unit_id)
    require_at(actor, permission, school)
    return hold(session, school)


def _send(
    session: Session, actor: Actor, school: OrgUnit, rule: Rule, facts: Mapping[str, Fact], papers: Papers
) -> Application:
    subject = _School(school.id, school.id, school.name)
    content = Content(facts={**facts, "reason": papers.reason}, evidence=papers.evidence)
    return approvals.submit_application(session, actor, subject, rule=rule, content=content)
