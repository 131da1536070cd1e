"""Paths of approval: who decides, at which unit, within how many working days.

`procedure.<code>` is the topic of each; `registry_core.approvals` walks them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from registry_core.access.models import Role
from registry_core.orgs.models import BodyKind
from registry_core.rules.topics.base import At, Filled, MonthDay, Stage, Topic, declare

By = Literal["decider", "own_side", "applicant"]


class Condition(Topic, frozen=True):
    """When a step is taken: when any of what is named here holds. A step without a condition is always taken."""

    stages: tuple[Stage, ...] = ()
    crosses_city: bool = False
    not_run_by_city: bool = False


class StepSpec(Topic, frozen=True):
    """One step: who decides at which unit.

    `at` is relative to the subject (own, above, centre_school) or the unit of that level on the way up; `side` tells
    which of two schools is meant. `body` is an office beside the tree that decides instead of the unit. Without
    `working_days` no source sets a limit. `by` says whose step it is: of somebody who decides about the applicant; of
    the applicant's own side, where a colleague at the same unit decides and never the applicant; or of the applicant,
    whose act it is and who has done it by applying (decision 0019).
    """

    code: Filled
    name_zh: Filled
    name_en: Filled
    role: Role
    at: At
    working_days: Annotated[int, Meta(ge=0)] = 0
    condition: Condition | None = None
    body: BodyKind | None = None
    side: Literal["sending", "receiving"] | None = None
    by: By = "decider"


class ProcedureSpec(Topic, frozen=True):
    """A path from application to decision. `withdraw_until` is the code of the step before which one may withdraw."""

    code: Filled
    name_zh: Filled
    name_en: Filled
    subject: Filled
    steps: Annotated[tuple[StepSpec, ...], Meta(min_length=1)]
    evidence: tuple[Filled, ...] = ()
    withdraw_until: str = ""

    def __post_init__(self) -> None:
        """Refuse two steps of one code, a limit of withdrawal that is no step, and acts out of place.

        What is done by applying comes before what is decided, and something has to be decided. Raises ValueError.
        """
        codes = [step.code for step in self.steps]
        if len(set(codes)) < len(codes):
            message = "two steps have the same code"
            raise ValueError(message)
        if self.withdraw_until and self.withdraw_until not in codes:
            message = f"withdraw_until names no step: {self.withdraw_until}"
            raise ValueError(message)
        acts = [step.by == "applicant" for step in self.steps]
        if all(acts) or acts != sorted(acts, reverse=True):
            message = "what the applicant does by applying comes first, and is not all"
            raise ValueError(message)


class TransferRules(Topic, frozen=True):
    """Who starts a transfer, and what the sending and the receiving school do."""

    started_by: Literal["sending_school", "receiving_school"]
    between_provinces_started_by: Literal["sending_school", "receiving_school"] | None = None
    sending_school: Literal["applies", "certifies", "reviews"] | None = None
    receiving_school: Literal["applies", "reviews", "takes_in"] | None = None
    review_working_days: Annotated[int, Meta(ge=1)] | None = None


class SchoolCodeRules(Topic, frozen=True):
    """Until which day of a year schools without a code have applied for one and merged schools are dealt with."""

    by: MonthDay


declare("procedure.*", ProcedureSpec)
declare("school_codes", SchoolCodeRules)
declare("transfers", TransferRules)
