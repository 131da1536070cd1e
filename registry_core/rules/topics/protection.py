"""Topics about protecting data: from where registry business is done, what readers promise and name, who sees them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from registry_core.access.models import Role
from registry_core.orgs.models import Level
from registry_core.rules.topics.base import Count, Filled, Topic, declare
from registry_core.rules.topics.people import Roles


class WorkplaceRules(Topic, frozen=True):
    """Whether registry business is limited to registered computers and addresses, and at which levels.

    `once_registered`: from the first computer or address on that a unit has registered.
    """

    limited: Literal["unit_decides", "once_registered", "always"]
    levels: Annotated[tuple[Level, ...], Meta(min_length=1)] = tuple(Level)


class UndertakingRules(Topic, frozen=True):
    """What is promised before the first look at personal data of others; another version is promised anew."""

    version: Annotated[str, Meta(min_length=1, max_length=40)]
    title: Annotated[str, Meta(min_length=1, max_length=100)]
    text: Annotated[tuple[Filled, ...], Meta(min_length=1)]


class Purpose(Topic, frozen=True):
    """One purpose that readers may name, and the roles of the group that may name it."""

    code: Annotated[str, Meta(pattern=r"^[a-z][a-z_]{1,39}$")]
    name_zh: Annotated[str, Meta(min_length=1, max_length=60)]
    name_en: Annotated[str, Meta(min_length=1, max_length=100)]
    roles: Roles


class PurposeRules(Topic, frozen=True):
    """The closed list of purposes, and how often one is asked for; who exports always names one."""

    asked: Literal["each_session", "each_day", "exports_only"]
    purposes: Annotated[tuple[Purpose, ...], Meta(min_length=1)]

    def __post_init__(self) -> None:
        """Refuse two purposes of one code. Raises ValueError."""
        codes = [purpose.code for purpose in self.purposes]
        if len(codes) != len(set(codes)):
            message = "two purposes bear the same code"
            raise ValueError(message)

    def open_to(self, roles: frozenset[Role]) -> tuple[Purpose, ...]:
        """List the purposes that somebody with these roles may name."""
        return tuple(purpose for purpose in self.purposes if not roles.isdisjoint(purpose.roles))


class UpperReads(Topic, frozen=True):
    """Who at a unit sees which people of the levels above have looked at its data, and how far back."""

    shown_to: Roles
    shown_days: Count


declare("workplaces", WorkplaceRules)
declare("undertaking", UndertakingRules)
declare("purposes", PurposeRules)
declare("upper_reads", UpperReads)
