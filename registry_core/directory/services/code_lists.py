"""A list of school codes from above: checked, shown with all that depends on it, applied whole or not at all.

Source: file 003 annex 1 part 5 (3): by the latest code base the organisations held are updated, deleted and corrected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from registry_core import audit, clock
from registry_core.access.actors import Actor
from registry_core.audit import Subject
from registry_core.db import new_id
from registry_core.directory.code_plan import Alteration, Plan, make_plan
from registry_core.directory.code_rows import ListRow, require_sound
from registry_core.directory.errors import ListApplied, ListBlocked, ListOutdated
from registry_core.directory.models import ChangeKind, CodeList
from registry_core.directory.policies import MANAGE_UNITS, require_at
from registry_core.directory.queries import code_lists as queries
from registry_core.directory.queries.units import get_unit
from registry_core.directory.queries.weight import Weight, weigh
from registry_core.directory.services import history
from registry_core.directory.services.history import Cause, Happening
from registry_core.directory.services.schools import end_school
from registry_core.orgs import queries as orgs
from registry_core.orgs import services as tree
from registry_core.orgs.models import CodeScheme, Level, OrgUnit, OrgUnitCode, UnitKind, number_sequence


@dataclass(frozen=True, slots=True)
class Effect:
    """What a list will change now, and what depends on each school that it deletes."""

    plan: Plan
    weights: dict[UUID, Weight]

    @property
    def blocked(self) -> tuple[OrgUnit, ...]:
        """Schools that cannot be deleted: others hang on them that the list does not delete too."""
        closing = self.plan.closings
        return tuple(
            school
            for school in closing
            if self.weights[school.id].managed
            or self.weights[school.id].below > sum(one.parent_id == school.id for one in closing)
        )


def check_list(session: Session, actor: Actor, unit_id: UUID, *, file_name: str, rows: list[ListRow]) -> CodeList:
    """Keep a list whose rows are all sound, so that its effect can be shown; nothing else is written.

    Raises UnitNotFound, Forbidden, LoadRefused with every wrong row.
    """
    region = get_unit(session, actor, unit_id)
    require_at(actor, MANAGE_UNITS, region)
    _require_sound(session, region, rows)
    kept = CodeList(
        unit_id=region.id,
        file_name=file_name[:200],
        rows=[[str(row.line), row.code, row.name, row.county] for row in rows],
        checked_by_id=actor.account_id,
        checked_at=clock.now(),
    )
    session.add(kept)
    session.flush()
    return kept


def foresee(session: Session, code_list: CodeList, region: OrgUnit) -> Effect:
    """Say what a list would change if it were applied now.

    Raises LoadRefused when the tree has changed so that rows are no longer sound.
    """
    rows = [ListRow(int(line), code, name, county) for line, code, name, county in code_list.rows]
    standing = _require_sound(session, region, rows)
    plan = make_plan(rows, standing)
    return Effect(plan, weigh(session, plan.closings))


def apply_list(session: Session, actor: Actor, list_id: UUID, *, digest: str) -> CodeList:
    """Apply a list whole, if it does exactly what was shown (`digest`); each change is a line of history.

    Raises ListNotFound, ListApplied, ListOutdated, ListBlocked, LoadRefused, and what the tree refuses.
    """
    tree.lock_tree(session)
    code_list, region = queries.get_list(session, actor, list_id, for_update=True)
    if code_list.applied_at is not None:
        raise ListApplied
    effect = foresee(session, code_list, region)
    if effect.plan.digest != digest:
        raise ListOutdated
    if effect.blocked:
        raise ListBlocked
    _Application(session, actor, Cause(code_list.file_name, code_list.id)).apply(effect.plan)
    code_list.apply(actor.account_id, clock.now(), effect.plan.counts)
    session.flush()
    audit.note(
        session, actor, "directory.code_list.applied", about=Subject("unit", region.id, region.id, code_list.file_name)
    )
    return code_list


class _Application:
    """One application of a list under way. What ends comes first: it frees codes for others."""

    def __init__(self, session: Session, actor: Actor, cause: Cause) -> None:
        self._session = session
        self._actor = actor
        self._cause = cause

    def apply(self, plan: Plan) -> None:
        """Do all that the plan says."""
        # Teaching points before the schools that they hang on.
        for school in sorted(plan.closings, key=lambda one: one.path, reverse=True):
            end_school(self._session, self._actor, school, reason=self._cause.reason)
            self._note(school.id, Happening(ChangeKind.CLOSED))
        for one in plan.codings:
            tree.assign_code(self._session, one.school, CodeScheme.SCHOOL_CODE, one.after)
            self._note(one.school.id, Happening(ChangeKind.CODE_GIVEN, one.before, one.after))
        for one in plan.renamings:
            one.school.rename(one.after)
            self._note(one.school.id, Happening(ChangeKind.RENAMED, one.before, one.after))
        for one in plan.moves:
            self._move(one)
        self._session.flush()
        self._add(plan)

    def _move(self, one: Alteration) -> None:
        if one.department is None:
            return
        before = self._session.get_one(OrgUnit, one.school.parent_id)
        self._note(one.school.id, Happening(ChangeKind.MOVED, before.name, one.department.name))
        self._session.flush()
        tree.move_unit(self._session, one.school, one.department)

    def _add(self, plan: Plan) -> None:
        """Write new schools, their codes and their histories, many at a time."""
        if not plan.additions:
            return
        series = func.generate_series(1, len(plan.additions)).table_valued("place")
        numbers = self._session.scalars(select(number_sequence.next_value()).select_from(series)).all()
        today = orgs.today()
        units: list[dict[str, Any]] = []
        codes: list[dict[str, Any]] = []
        for number, one in zip(numbers, plan.additions, strict=True):
            unit_id = new_id()
            units.append(
                {
                    "id": unit_id,
                    "number": number,
                    "parent_id": one.department.id,
                    "parent_level": one.department.level,
                    "level": Level.SCHOOL,
                    "kind": UnitKind.SCHOOL,
                    "name": one.name,
                    "path": f"{one.department.path}{number}/",
                    "opened_on": today,
                }
            )
            codes.append(
                {
                    "id": new_id(),
                    "unit_id": unit_id,
                    "scheme": CodeScheme.SCHOOL_CODE,
                    "code": one.code,
                    "valid_from": today,
                }
            )
        self._session.execute(insert(OrgUnit), units)
        self._session.execute(insert(OrgUnitCode), codes)
        for row in codes:
            self._note(row["unit_id"], Happening(ChangeKind.OPENED, "", str(row["code"])))
        self._session.flush()

    def _note(self, unit_id: UUID, happening: Happening) -> None:
        self._session.add(history.line(self._actor, unit_id, happening, self._cause))


def _require_sound(session: Session, region: OrgUnit, rows: list[ListRow]) -> queries.Standing:
    standing = queries.read_standing(session, region)
    require_sound(rows, standing.departments, queries.list_taken(session, region, {row.code for row in rows}))
    return standing
