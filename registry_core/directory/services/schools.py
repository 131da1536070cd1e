"""What becomes of schools: renamed, given a code, closed, merged. Nothing is deleted; each is a line of history.

Source: file 003 annex 1 part 5 (3): codes are checked and given jointly by the registry and the code-planning
department, merged schools go through their own flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core import audit, clock, outbox
from registry_core.access.actors import Actor
from registry_core.access.models import RoleAssignment
from registry_core.access.queries import held_at
from registry_core.audit import Change, FieldClass, Subject
from registry_core.directory.errors import (
    CodeNotRight,
    MergedIntoItself,
    NameUnchanged,
    OnlySchools,
    PaperNumberMissing,
    SchoolHasTeachingPoints,
    SchoolIsClosed,
)
from registry_core.directory.events import SchoolMerged
from registry_core.directory.models import ChangeKind, DirectoryEntry
from registry_core.directory.policies import MANAGE_UNITS, require_at
from registry_core.directory.queries.bodies import list_bodies
from registry_core.directory.queries.procedures import CODE, find_procedure
from registry_core.directory.queries.units import get_unit
from registry_core.directory.queries.weight import weigh
from registry_core.directory.school_codes import find_fault
from registry_core.directory.services.bodies import MOMENT, wind_up
from registry_core.directory.services.history import Cause, Happening, write
from registry_core.orgs import queries as orgs
from registry_core.orgs import services as tree
from registry_core.orgs.models import CodeScheme, Level, OrgUnit, UnitKind


@dataclass(frozen=True, slots=True)
class Merger:
    """Into which school another one goes over, why, and whether its place lives on as a teaching point."""

    into: OrgUnit
    cause: Cause
    stays_as_point: bool = False


SCHOOLS = frozenset({UnitKind.SCHOOL, UnitKind.TEACHING_POINT})


def rename_school(session: Session, actor: Actor, unit_id: UUID, *, name: str, cause: Cause) -> OrgUnit:
    """Give a school another name; the one before stays in its history.

    Raises UnitNotFound, Forbidden, OnlySchools, SchoolIsClosed, NameUnchanged, NameMissing.
    """
    school = _held(session, actor, unit_id)
    before = school.name
    if name.strip() == before:
        raise NameUnchanged
    tree.rename_unit(session, school, name)
    write(session, actor, school, Happening(ChangeKind.RENAMED, before, school.name), cause)
    return school


def give_code(session: Session, actor: Actor, unit_id: UUID, *, code: str, cause: Cause) -> OrgUnit:
    """Let a school bear a code from today on; the one before ends today.

    Where a procedure holds for codes, recording one past it names the paper on which it was decided, and is noted.
    Raises UnitNotFound, Forbidden, OnlySchools, SchoolIsClosed, PaperNumberMissing, CodeNotRight, CodeTaken,
    CodePeriodTaken.
    """
    school = _held(session, actor, unit_id)
    passes_procedure_by = find_procedure(session, school, CODE) is not None
    if passes_procedure_by and not cause.paper:
        raise PaperNumberMissing
    let_bear(session, actor, school, code=code, cause=cause)
    if passes_procedure_by:
        about = Subject("unit", school.id, school.id, school.name)
        paper = {"paper": Change(None, cause.told, FieldClass.INTERNAL)}
        audit.note(session, actor, "directory.code.recorded_directly", about=about, changes=paper)
    return school


def let_bear(session: Session, actor: Actor, school: OrgUnit, *, code: str, cause: Cause) -> None:
    """Let a held school bear a code from today on; who may, the caller has asked.

    Raises CodeNotRight, CodeTaken, CodePeriodTaken.
    """
    fault = find_fault(code, find_province_code(session, school))
    if fault is not None:
        raise CodeNotRight(fault)
    before = orgs.find_code(session, school.id, CodeScheme.SCHOOL_CODE) or ""
    tree.assign_code(session, school, CodeScheme.SCHOOL_CODE, code)
    if before != code:
        write(session, actor, school, Happening(ChangeKind.CODE_GIVEN, before, code), cause)


def close_school(session: Session, actor: Actor, unit_id: UUID, *, cause: Cause) -> OrgUnit:
    """Let a school cease to exist today: its roles, bodies and entries end with it, its code is free again.

    Raises UnitNotFound, Forbidden, OnlySchools, SchoolIsClosed, SchoolHasTeachingPoints.
    """
    tree.lock_tree(session)
    school = _held(session, actor, unit_id)
    let_close(session, actor, school, cause=cause)
    return school


def let_close(session: Session, actor: Actor, school: OrgUnit, *, cause: Cause) -> None:
    """Let a held school cease to exist; who may, the caller has asked.

    Raises SchoolHasTeachingPoints.
    """
    require_alone(session, school)
    end_school(session, actor, school, reason=cause.reason)
    write(session, actor, school, Happening(ChangeKind.CLOSED), cause)


def require_alone(session: Session, school: OrgUnit) -> None:
    """Refuse a school on which other units hang. Raises SchoolHasTeachingPoints."""
    if weigh(session, [school])[school.id].holds_units:
        raise SchoolHasTeachingPoints


def merge_school(
    session: Session, actor: Actor, unit_id: UUID, *, into_id: UUID, cause: Cause, stays_as_point: bool = False
) -> OrgUnit:
    """Let a school go over into another one, with its people, teaching points and schools under its care.

    With `stays_as_point` the place lives on as a teaching point of the other school. Questions asked before stay with
    those who asked; pupils follow by the event.
    Raises UnitNotFound, Forbidden, OnlySchools, SchoolIsClosed, MergedIntoItself, CentreDoesNotFit.
    """
    tree.lock_tree(session)
    school, into = _held(session, actor, unit_id), get_unit(session, actor, into_id)
    require_at(actor, MANAGE_UNITS, into)
    let_merge(session, actor, school, Merger(into, cause, stays_as_point=stays_as_point))
    return into


def let_merge(session: Session, actor: Actor, school: OrgUnit, merger: Merger) -> None:
    """Let a held school go over into another one; who may, the caller has asked, and has locked the tree.

    Raises MergedIntoItself, CentreDoesNotFit.
    """
    into, cause = merger.into, merger.cause
    require_receiver(school, into)
    _hand_over_units(session, school, into)
    _hand_over_people(session, actor, school, into)
    end_school(session, actor, school, reason=cause.reason)
    if merger.stays_as_point:
        point = tree.add_teaching_point(session, into, name=school.name)
        write(session, actor, point, Happening(ChangeKind.OPENED), cause)
    write(session, actor, school, Happening(ChangeKind.MERGED, school.name, into.name, into.id), cause)
    write(session, actor, into, Happening(ChangeKind.TOOK_IN, school.name, into.name, school.id), cause)
    outbox.record(session, SchoolMerged(school.id, into.id, orgs.today()))


def require_receiver(school: OrgUnit, into: OrgUnit) -> None:
    """Refuse what cannot take a school in. Raises MergedIntoItself."""
    takes_in = into.kind is UnitKind.SCHOOL and into.is_open(orgs.today())
    if not takes_in or school.id in {into.id, into.parent_id}:
        raise MergedIntoItself


def end_school(session: Session, actor: Actor, school: OrgUnit, *, reason: str) -> None:
    """End all that is held at a school, and close it today; who may, the caller has asked.

    Raises UnitHasOpenChildren.
    """
    now, today = clock.now(), orgs.today()
    for held in _list_held(session, school):
        # A role given in this very instant cannot end before it began.
        held.end(max(now, held.valid_from + MOMENT), by=actor.account_id, reason=reason)
    wind_up(session, actor, [body for body in list_bodies(session, school) if body.closed_on is None])
    for entry in session.scalars(
        select(DirectoryEntry).where(DirectoryEntry.unit_id == school.id, DirectoryEntry.until.is_(None))
    ):
        entry.end(today)
    school.come_under(None)
    session.flush()
    tree.close_unit(session, school)


def find_province_code(session: Session, unit: OrgUnit) -> str | None:
    """Find the division code of the province that a unit lies in; a province may have none."""
    for above in orgs.list_ancestors(session, unit):
        if above.level is Level.PROVINCE:
            return orgs.find_code(session, above.id, CodeScheme.GBT2260)
    return None


def _held(session: Session, actor: Actor, unit_id: UUID) -> OrgUnit:
    """Hold an open school of which the actor may dispose."""
    school = get_unit(session, actor, unit_id)
    require_at(actor, MANAGE_UNITS, school)
    return hold(session, school)


def hold(session: Session, school: OrgUnit) -> OrgUnit:
    """Hold an open school until the end of the transaction.

    Raises OnlySchools, SchoolIsClosed.
    """
    if school.kind not in SCHOOLS:
        raise OnlySchools
    session.refresh(school, with_for_update=True)
    if not school.is_open(orgs.today()):
        raise SchoolIsClosed
    return school


def _hand_over_units(session: Session, school: OrgUnit, into: OrgUnit) -> None:
    for point in orgs.list_children(session, orgs.WHOLE_TREE, school.id):
        tree.move_unit(session, point, into)
    for managed in orgs.list_managed_schools(session, orgs.WHOLE_TREE, school.id):
        tree.set_managing_school(session, managed, None if managed.id == into.id else into)


def _hand_over_people(session: Session, actor: Actor, school: OrgUnit, into: OrgUnit) -> None:
    """Give everybody the same roles at the other school until the same day; who holds one there already keeps it."""
    there = {(one.account_id, one.role, one.narrowed_to) for one in _list_held(session, into)}
    for held in _list_held(session, school):
        if (held.account_id, held.role, held.narrowed_to) not in there:
            session.add(
                RoleAssignment(
                    account_id=held.account_id,
                    unit_id=into.id,
                    role=held.role,
                    narrowed_to=held.narrowed_to,
                    valid_from=clock.now(),
                    valid_until=held.valid_until,
                    granted_by_id=actor.account_id,
                )
            )
    session.flush()


def _list_held(session: Session, unit: OrgUnit) -> list[RoleAssignment]:
    return list(session.scalars(select(RoleAssignment).where(RoleAssignment.unit_id == unit.id, held_at(clock.now()))))
