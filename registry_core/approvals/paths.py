"""Walking a procedure: which steps an application takes, and at which unit each is decided. Pure: no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry_core.orgs.models import Level, OrgUnit, UnitKind
from registry_core.rules.topics import Condition, ProcedureSpec, StepSpec

Fact = bool | int | str
Facts = Mapping[str, Fact]
STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Ladder:
    """A unit with all units above it, top first, and the centre school that manages it, if any."""

    units: Sequence[OrgUnit]
    centre: OrgUnit | None = None

    @property
    def own(self) -> OrgUnit:
        """The unit itself."""
        return self.units[-1]


@dataclass(frozen=True, slots=True)
class Stop:
    """A step with its place in the procedure and the unit that decides it.

    `is_stand_in`: the tree has no unit of the level that the step names here, so the next one above decides.
    """

    position: int
    step: StepSpec
    unit: OrgUnit
    is_stand_in: bool


def facts_needed(spec: ProcedureSpec) -> frozenset[str]:
    """Name the facts that the conditions of a procedure ask for."""
    conditions = [step.condition for step in spec.steps if step.condition is not None]
    needed = {flag for condition in conditions for flag in _flags(condition)}
    return frozenset(needed | {STAGE} if any(condition.stages for condition in conditions) else needed)


def is_taken(step: StepSpec, facts: Facts) -> bool:
    """Say whether a step is taken: it has no condition, or any of what its condition names holds."""
    condition = step.condition
    if condition is None:
        return True
    return facts.get(STAGE) in condition.stages or any(facts[flag] is True for flag in _flags(condition))


def plan(spec: ProcedureSpec, facts: Facts, ladders: Mapping[str | None, Ladder]) -> tuple[Stop, ...]:
    """Say which steps an application takes and where; `ladders` are those of its unit (None) and of its sides.

    What the applicant does by applying is no stop. A unit that only stands in for a missing level, and decides in the
    same role anyway, is not asked twice.
    """
    stops = [
        Stop(position, step, *find_place(step, ladders[step.side]))
        for position, step in enumerate(spec.steps)
        if step.by != "applicant" and is_taken(step, facts)
    ]
    real = {_who(stop) for stop in stops if not stop.is_stand_in}
    asked: list[Stop] = []
    for stop in stops:
        if not stop.is_stand_in or _who(stop) not in real | {_who(other) for other in asked}:
            asked.append(stop)
    return tuple(asked)


def places_of_applicant(
    spec: ProcedureSpec, facts: Facts, ladders: Mapping[str | None, Ladder]
) -> tuple[tuple[StepSpec, OrgUnit], ...]:
    """Say at which units an applicant has to serve: those of the steps of the applicant and of the own side."""
    return tuple(
        (step, find_place(step, ladders[step.side])[0])
        for step in spec.steps
        if step.by != "decider" and is_taken(step, facts)
    )


def find_place(step: StepSpec, ladder: Ladder) -> tuple[OrgUnit, bool]:
    """Find the unit that decides a step, and say whether it only stands in for a missing level."""
    if step.at == "own":
        return ladder.own, False
    if step.at == "centre_school" and ladder.centre is not None:
        return ladder.centre, False
    if step.at in {"above", "centre_school"}:
        return department_above(ladder), step.at == "centre_school"
    level = Level(step.at)
    found = next(
        (
            unit
            for unit in reversed(ladder.units)
            if unit.kind is not UnitKind.TEACHING_POINT and unit.level.rank <= level.rank
        ),
        ladder.units[0],
    )
    return found, found.level is not level


def department_above(ladder: Ladder) -> OrgUnit:
    """Find the department over a unit; the ministry answers for itself."""
    above = [unit for unit in ladder.units if unit.level.rank < ladder.own.level.rank]
    return above[-1] if above else ladder.own


def last_withdrawal(spec: ProcedureSpec) -> int:
    """Say at which place in the procedure an application can still be withdrawn; without a limit, until its end."""
    codes = [step.code for step in spec.steps]
    return codes.index(spec.withdraw_until) if spec.withdraw_until else len(codes) - 1


def _flags(condition: Condition) -> frozenset[str]:
    values = {"crosses_city": condition.crosses_city, "not_run_by_city": condition.not_run_by_city}
    return frozenset(flag for flag, is_named in values.items() if is_named)


def _who(stop: Stop) -> tuple[object, ...]:
    return stop.unit.id, stop.step.role, stop.step.body
