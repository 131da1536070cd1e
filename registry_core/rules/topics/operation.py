"""Topics about the system itself: fields and numbers, who reads, where it runs, backup, logs, files."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from registry_core.orgs.models import Level
from registry_core.rules.topics.base import Count, Filled, Frequency, Stage, Topic, declare


class FieldCounts(Topic, frozen=True):
    """How many fields of a pupil a source counts, and whether it lists them."""

    pupil: Count
    are_listed: bool
    further_groups: tuple[Filled, ...] = ()


class NumberRules(Topic, frozen=True):
    """What stands for a pupil for life, and what beside it."""

    identifier: Literal["main_number", "national_identifier", "registry_number", "card"]
    secondary_digits: Count | None = None
    old_and_new_at_movement: bool = False


class ReaderRules(Topic, frozen=True):
    """Who may use the data."""

    who: Annotated[
        tuple[Literal["education", "schools", "finance", "population_register", "policy_users"], ...],
        Meta(min_length=1),
    ]


class Deployment(Topic, frozen=True):
    """At which levels the system runs."""

    levels: Annotated[tuple[Level, ...], Meta(min_length=1)]


class LevelsUsed(Topic, frozen=True):
    """Which levels take part."""

    levels: Annotated[tuple[Level, ...], Meta(min_length=1)]


class SchoolScope(Topic, frozen=True):
    """Which stages of schooling the rules cover, and which are settled elsewhere."""

    stages: Annotated[tuple[Stage, ...], Meta(min_length=1)]
    settled_elsewhere: tuple[Stage, ...] = ()


class NetworkRules(Topic, frozen=True):
    """Whether the system is closed or open to the whole country."""

    reach: Literal["closed", "nationwide"]
    online_support: bool = False


class SoftwareRules(Topic, frozen=True):
    """Whether all use one software, or provinces may connect their own."""

    use: Literal["one_for_all", "own_systems_connected"]


class BackupRules(Topic, frozen=True):
    """How often data are backed up, and whether at another place on another machine."""

    every: Frequency
    elsewhere: bool


class LogRules(Topic, frozen=True):
    """What becomes of system logs and of the record of who did what; these are two things."""

    system_log: Literal["cleaned_regularly", "kept"]
    business_record: Literal["kept"]


class FileRules(Topic, frozen=True):
    """What may be attached: how large, and of which types."""

    max_mb: Annotated[int, Meta(ge=1, le=2000)]
    types: Annotated[tuple[Filled, ...], Meta(min_length=1)]


declare("field_counts", FieldCounts)
declare("numbers", NumberRules)
declare("readers", ReaderRules)
declare("deployment", Deployment)
declare("levels_used", LevelsUsed)
declare("scope_of_schools", SchoolScope)
declare("network", NetworkRules)
declare("software", SoftwareRules)
declare("backup", BackupRules)
declare("logs", LogRules)
declare("files", FileRules)
