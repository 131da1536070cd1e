"""What ought to be: the rules of approval written a second time, as plainly as can be, without the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from registry_core.access.models import Role
from registry_core.calendars.models import DayKind
from registry_core.calendars.services import read_own_days
from registry_core.rules.topics import ProcedureSpec

CHAIN = ("school", "county", "city", "province", "ministry")
LISTED = {day.day: day.kind for day in read_own_days()}
LAST_DAY = date(2026, 12, 31)

Post = tuple[str, Role]


@dataclass(slots=True)
class Expected:
    """One application as it ought to be."""

    spec: ProcedureSpec
    facts: dict[str, bool | str]
    parties: set[UUID]
    state: str = "open"
    round: int = 1
    opened_on: date = LAST_DAY
    waits_at: int = 0
    decided: int = 0
    asked: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def required(self) -> list[int]:
        """The places of the steps that these facts ask for."""
        return [place for place, _step in enumerate(self.spec.steps) if self._is_required(place)]

    def _is_required(self, place: int) -> bool:
        condition = self.spec.steps[place].condition
        if condition is None:
            return True
        crosses = condition.crosses_city and self.facts["crosses_city"] is True
        return crosses or self.facts["stage"] in condition.stages

    def next_after(self, place: int) -> int | None:
        """The next step that has to be decided."""
        return next((other for other in self.required if other > place), None)

    def may_withdraw(self) -> bool:
        """Whether it can still be taken back."""
        codes = [step.code for step in self.spec.steps]
        limit = codes.index(self.spec.withdraw_until) if self.spec.withdraw_until else len(codes)
        return self.state == "returned" or (self.state == "open" and self.waits_at <= limit)

    def due(self) -> date | None:
        """The day on which the open step is due; None without a limit or beyond what is published."""
        left, day = self.spec.steps[self.waits_at].working_days, self.opened_on
        while left and day < LAST_DAY:
            day += timedelta(days=1)
            kind = LISTED.get(day)
            left -= kind is DayKind.WORK or (kind is None and day.isoweekday() <= 5)
        return None if left or day == self.opened_on else day


def post_of(expected: Expected, posts: Mapping[UUID, set[Post]]) -> Post:
    """At which rung and in which role the open step is decided: where the procedure says, or else further up."""
    step = expected.spec.steps[expected.waits_at]
    named = (step.at, step.role)
    above = CHAIN[CHAIN.index(step.at) + 1 :]
    for post in (named, *((rung, Role.REGISTRY_ADMINISTRATOR) for rung in above)):
        if any(post in held for person, held in posts.items() if person not in expected.parties):
            return post
    return named
