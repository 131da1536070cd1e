"""Topics about dates and rhythms: the school year, locks, corrections, checks, reports."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from registry_core.access.models import Role
from registry_core.rules.topics.base import At, Count, Filled, Frequency, MonthDay, Topic, declare


class DeadlineRules(Topic, frozen=True):
    """How many working days each has: to register a movement, to review it, to decide upon it."""

    registration: Count | None = None
    review: Count | None = None
    decision: Count | None = None


class YearTurn(Topic, frozen=True):
    """How and when all pupils go up a year: by itself on a day, or by hand until a day."""

    mode: Literal["automatic", "by_hand"]
    on: MonthDay | None = None
    by: MonthDay | None = None


class Graduation(Topic, frozen=True):
    """By when the data of leavers are complete, and whether they are locked on that day."""

    by: MonthDay
    is_locked_then: bool
    with_year_turn: bool


class Newcomers(Topic, frozen=True):
    """When newcomers are entered, as of which day they are counted, and who checks them where."""

    opens: MonthDay | None = None
    by: MonthDay | None = None
    counted_on: MonthDay | None = None
    checked_at: At | None = None
    checked_by: Role | None = None


class DataLock(Topic, frozen=True):
    """Whether personal data are locked by date, and how key data are changed."""

    personal: Literal["until_graduation", "no_date_lock"]
    locked_on: MonthDay | None = None
    registration_locked_on: tuple[MonthDay, ...] = ()
    key_data_by_application: bool = False


class Corrections(Topic, frozen=True):
    """Who corrects what is locked, and who does so once the data have been handed over to the level above."""

    changed_by: Role
    at: At
    after_hand_over_at: At | None = None


class MovementDates(Topic, frozen=True):
    """When movements are handled: from a day on, or at any time within some working days."""

    opens: MonthDay | None = None
    within_working_days: Count | None = None


class AuditRhythm(Topic, frozen=True):
    """How often schools and departments check the registry."""

    school: Frequency | None = None
    department: Frequency | None = None


class Submission(Topic, frozen=True):
    """How data reach the level above."""

    way: Literal["by_hand", "automatic", "exchange"]
    leader_approves_first: bool = False


class ReportingRhythm(Topic, frozen=True):
    """How often a report goes up, by when, and what it needs."""

    every: Frequency
    by_day_of_month: Annotated[int, Meta(ge=1, le=31)] | None = None
    by: MonthDay | None = None
    is_signed: bool = False
    is_sealed: bool = False


class ProblemCases(Topic, frozen=True):
    """By when problem cases are settled: by a day, or before the autumn term begins."""

    by: MonthDay | None = None
    before_autumn_term: bool = False


class ImmediateReport(Topic, frozen=True):
    """What is reported to the level above at once, and how."""

    event: Literal["death", "dropout"]
    way: Literal["automatically_after_processing", "together_with_the_change"]


class WithdrawalRules(Topic, frozen=True):
    """Whether a pupil may be withdrawn from school in the compulsory stage."""

    allowed_in_compulsory_stage: bool


class FilingRules(Topic, frozen=True):
    """With whom a unit files its own rules, and what they may settle."""

    filed_with: Literal["above", "province"]
    may_settle: Annotated[tuple[Filled, ...], Meta(min_length=1)]


declare("deadlines", DeadlineRules)
declare("year_turn", YearTurn)
declare("graduation", Graduation)
declare("newcomers", Newcomers)
declare("data_lock", DataLock)
declare("corrections", Corrections)
declare("movement_dates", MovementDates)
declare("audit_rhythm", AuditRhythm)
declare("submission", Submission)
declare("reporting_rhythm", ReportingRhythm)
declare("problem_cases", ProblemCases)
declare("immediate_reports", ImmediateReport)
declare("withdrawal", WithdrawalRules)
declare("filing", FilingRules)
