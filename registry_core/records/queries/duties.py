"""Who enters a kind of data about a unit, and who checks it where: what the rule packs say, and who is there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core.access.models import Role
from registry_core.approvals.paths import Ladder, find_place
from registry_core.approvals.queries.deciders import list_deciders, load_ladder
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import Level, OrgUnit, lineage
from registry_core.records.models import Entity
from registry_core.records.policies import kind_of
from registry_core.rules.errors import RuleMissing
from registry_core.rules.models import RulePack
from registry_core.rules.queries import Rule, find_rule
from registry_core.rules.topics import StepSpec
from registry_core.rules.topics.people import OF_UNITS, EntryPair


@dataclass(frozen=True, slots=True)
class Division:
    """Who enters a kind of data about a unit and who checks it, with the rule that says so.

    `checked_at` is the unit whose holder of `checked_by` checks. `departments_enter`: whether departments above the
    unit may enter such data as well.
    """

    what: str
    entered_by: tuple[Role, ...]
    checked_by: Role
    checked_at: OrgUnit
    from_below: bool
    departments_enter: bool
    rule: Rule


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a change waits for its check: at a unit, in a role.

    `is_stand_in`: by rule for the unit that should check. `is_manned`: somebody is there who may.
    """

    unit: OrgUnit
    role: Role
    is_stand_in: bool = False
    is_manned: bool = True


class Duties:
    """The division of duties on a day. Rules and holders of posts are read once, however many units are asked for."""

    def __init__(self, session: Session, *, on: date | None = None) -> None:
        self._session = session
        self._on = on or orgs.today()
        owners = select(OrgUnit.path).join(RulePack, RulePack.owner_unit_id == OrgUnit.id).distinct()
        self._owners = frozenset(session.scalars(owners))
        self._rules: dict[tuple[str, tuple[str, ...]], Rule | None] = {}
        self._holders: dict[tuple[UUID, Role], Sequence[UUID]] = {}
        self._ladders: dict[UUID, Ladder] = {}

    def divide(self, unit: OrgUnit, what: str) -> Division | None:
        """Say who enters and who checks a kind of data about a unit; None where no pack says so."""
        rule = self._rule(unit, "entry_pairs")
        pair: EntryPair | None = rule.value.find(what) if rule else None
        if rule is None or pair is None:
            return None
        return Division(
            what=what,
            entered_by=pair.entered_by,
            checked_by=pair.checked_by,
            checked_at=self._place(pair, unit),
            from_below=pair.from_below,
            departments_enter=what in OF_UNITS or self._department_edits(unit),
            rule=rule,
        )

    def of_record(self, unit: OrgUnit, entity: Entity) -> Division | None:
        """Say who enters and who checks the records of a kind; None where saving takes effect at once."""
        return self.divide(unit, kind_of(entity))

    def find_desk(self, unit: OrgUnit, division: Division, parties: Collection[UUID]) -> Desk:
        """Find where somebody checks who is no party to a change.

        A school with one officer for all posts is real: then, in the order of the topic `entry_stand_ins`, the centre
        school or the department above checks. Where nobody at all is left, the change waits where it should.
        """
        named = Desk(division.checked_at, division.checked_by)
        if self._is_manned(named, parties):
            return named
        stands_in = (desk for desk in self._stand_ins(unit, division) if self._is_manned(desk, parties))
        return next(stands_in, Desk(named.unit, named.role, is_manned=False))

    def is_manned(self, unit_id: UUID, role: Role, parties: Collection[UUID]) -> bool:
        """Say whether anybody but the parties holds a role at a unit now."""
        if (unit_id, role) not in self._holders:
            self._holders[unit_id, role] = list_deciders(self._session, unit_id, role.value)
        return any(one not in parties for one in self._holders[unit_id, role])

    def find_stand_in_rule(self, unit: OrgUnit) -> Rule | None:
        """Find the rule that says who stands in for a checker who is not there."""
        return self._rule(unit, "entry_stand_ins")

    def find_department_rule(self, unit: OrgUnit) -> Rule | None:
        """Find the rule that says whether departments maintain data themselves."""
        return self._rule(unit, "department_editing")

    def _is_manned(self, desk: Desk, parties: Collection[UUID]) -> bool:
        return self.is_manned(desk.unit.id, desk.role, parties)

    def _stand_ins(self, unit: OrgUnit, division: Division) -> Iterator[Desk]:
        rule = self.find_stand_in_rule(unit)
        ladder = self._ladder(unit)
        for who in rule.value.order if rule else ():
            if who == "centre_school" and ladder.centre is not None:
                yield Desk(ladder.centre, division.checked_by, is_stand_in=True)
                yield Desk(ladder.centre, Role.CENTRE_SCHOOL_ADMINISTRATOR, is_stand_in=True)
            elif who == "above":
                for above in reversed([one for one in ladder.units[:-1] if one.level is not Level.SCHOOL]):
                    yield Desk(above, self._department_role(above, division), is_stand_in=True)

    def _department_role(self, department: OrgUnit, division: Division) -> Role:
        rule = self._rule(department, "approvals.department")
        role: Role = rule.value.approved_by if rule else division.checked_by
        return role

    def _department_edits(self, unit: OrgUnit) -> bool:
        rule = self.find_department_rule(unit)
        return bool(rule and rule.value.may_edit_pupil_data)

    def _place(self, pair: EntryPair, unit: OrgUnit) -> OrgUnit:
        step = StepSpec(code=pair.what, name_zh=pair.what, name_en=pair.what, role=pair.checked_by, at=pair.at)
        return find_place(step, self._ladder(unit))[0]

    def _ladder(self, unit: OrgUnit) -> Ladder:
        if unit.id not in self._ladders:
            self._ladders[unit.id] = load_ladder(self._session, unit)
        return self._ladders[unit.id]

    def _rule(self, unit: OrgUnit, topic: str) -> Rule | None:
        # Units below the same owners of packs have the same rules.
        key = topic, tuple(path for path in lineage(unit.path) if path in self._owners)
        if key not in self._rules:
            self._rules[key] = self._find_rule(unit, topic)
        return self._rules[key]

    def _find_rule(self, unit: OrgUnit, topic: str) -> Rule | None:
        try:
            return find_rule(self._session, unit, topic, on=self._on)
        except RuleMissing:
            return None
