"""Topics about accounts, officers, who enters and who checks, training and publishing."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from registry_core.access.models import Role
from registry_core.rules.topics.base import At, Count, Filled, MonthDay, Topic, declare

Roles = Annotated[tuple[Role, ...], Meta(min_length=1)]
Entered = Literal[
    "supervising_unit",
    "school",
    "movements",
    "classes",
    "pupils",
    "growth",
    "own_data",
    "registration",
    "key_data",
    "problem_cases",
]
OF_UNITS = frozenset({"supervising_unit", "school"})
"""Kinds of data about units; all others are about pupils."""


class PasswordRules(Topic, frozen=True):
    """How passwords are made, how long they hold, and what wrong ones lead to."""

    min_length: Annotated[int, Meta(ge=8, le=64)] = 10
    max_age_days: Count = 180
    remembered: Annotated[int, Meta(ge=0, le=50)] = 5
    attempts: Annotated[int, Meta(ge=3, le=100)] = 8
    lock_minutes: Count = 15
    dormant_after_days: Count = 180


class SecondFactorRules(Topic, frozen=True):
    """Which roles have to sign in with a second factor."""

    roles: tuple[Role, ...] = ()


class OfficerRules(Topic, frozen=True):
    """Which registry accounts each department and each school has."""

    department: Roles
    school: Roles


class AccountKinds(Topic, frozen=True):
    """The kinds of accounts that a source tells apart, on the service platform, in departments and in schools."""

    platform: tuple[Role, ...] = ()
    department: tuple[Role, ...] = ()
    school: tuple[Role, ...] = ()


class EntryPair(Topic, frozen=True):
    """One kind of data: who enters it, who checks it, and at which unit it is checked.

    `from_below`: the schools of a department enter the department's own data too.
    """

    what: Entered
    entered_by: Roles
    checked_by: Role
    at: At
    from_below: bool = False


class EntryPairs(Topic, frozen=True):
    """Who enters and who checks, for each kind of data."""

    pairs: Annotated[tuple[EntryPair, ...], Meta(min_length=1)]

    def find(self, what: str) -> EntryPair | None:
        """Find the pair of a kind of data; None where the rule says nothing about it."""
        return next((pair for pair in self.pairs if pair.what == what), None)


class EntryStandIns(Topic, frozen=True):
    """Who checks, in this order, where nobody but who entered holds the checking post."""

    order: Annotated[tuple[Literal["centre_school", "above"], ...], Meta(min_length=1)]


class DepartmentApproval(Topic, frozen=True):
    """Who approves in a department; what goes up to the next level may need somebody else."""

    approved_by: Role
    submissions_approved_by: Role | None = None
    school_data_checked_by: Role | None = None
    leader_only_looks: bool = False


class DepartmentEditing(Topic, frozen=True):
    """Whether a department may change the data of pupils itself."""

    may_edit_pupil_data: bool


class SeparationRules(Topic, frozen=True):
    """What one person may not hold together."""

    system_administrator_takes_part: bool
    one_administrator_for_all: bool = False
    super_administrator_sets_rights: bool = False


class PublisherRules(Topic, frozen=True):
    """Who may publish announcements."""

    roles: Roles


class TrainingDuty(Topic, frozen=True):
    """Whom each level trains, and whether a certificate is needed before the work."""

    trains: Literal["level_below", "own_area"]
    certificate_needed: bool = False
    examined: bool = False


class ContactList(Topic, frozen=True):
    """By which day names and numbers go up, to whom and in what form."""

    by: MonthDay
    to: Filled
    contents: Annotated[tuple[Filled, ...], Meta(min_length=1)]
    stamped: bool
    electronic: bool


declare("passwords", PasswordRules)
declare("second_factor", SecondFactorRules)
declare("officers", OfficerRules)
declare("account_kinds", AccountKinds)
declare("entry_pairs", EntryPairs)
declare("entry_stand_ins", EntryStandIns)
declare("approvals.department", DepartmentApproval)
declare("department_editing", DepartmentEditing)
declare("separation_of_duties", SeparationRules)
declare("publishers", PublisherRules)
declare("training_duty", TrainingDuty)
declare("contact_list", ContactList)
