"""The topic of who may write to whom."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from registry_core.access.models import Role
from registry_core.orgs.models import Level
from registry_core.rules.topics.base import Topic, declare

Circle = Literal[
    "own_unit", "unit_above", "technicians_above", "units_above", "units_below", "neighbours", "same_level", "everybody"
]
"""People seen from one's own unit: those of the unit; of the one above; technicians and desk leads all the way up;
everybody all the way up; everybody below; those of the units beside it; those of its level; all."""
Minutes = Annotated[int, Meta(ge=0, le=10_080)]


class MessagingRules(Topic, frozen=True):
    """To whom people of a unit may write of their own accord, by the unit's level; answering is always allowed.

    Who holds none but roles in `without` neither begins a conversation nor is found. Own messages may be edited and
    taken back for so many minutes; whoever reads sees that they were, and the record keeps what they said.
    """

    school: tuple[Circle, ...] = ("own_unit", "unit_above", "technicians_above")
    county: tuple[Circle, ...] = ("own_unit", "unit_above", "technicians_above", "units_below", "neighbours")
    city: tuple[Circle, ...] = ("own_unit", "unit_above", "technicians_above", "units_below", "neighbours")
    province: tuple[Circle, ...] = ("own_unit", "unit_above", "units_below", "neighbours")
    ministry: tuple[Circle, ...] = ("own_unit", "units_below")
    without: tuple[Role, ...] = (Role.STUDENT, Role.PARENT)
    edit_minutes: Minutes = 30
    take_back_minutes: Minutes = 5

    def circles(self, level: Level) -> tuple[Circle, ...]:
        """Say whom people of a unit of this level may write to."""
        found: tuple[Circle, ...] = getattr(self, level.value)
        return found


declare("messaging", MessagingRules)
