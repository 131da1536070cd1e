"""What every topic of a rule pack stands on: strict structs, days of the year, and the register of topics."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeVar

from msgspec import Meta, Struct

# Whether 29 February exists depends on the year, so a rule may name it.
_LEAP_YEAR = 2000

At = Literal["own", "above", "school", "county", "city", "province", "ministry", "centre_school"]
Stage = Literal["kindergarten", "primary", "junior", "senior", "vocational"]
Frequency = Literal["daily", "regularly", "monthly", "termly", "yearly", "promptly", "before_promotion"]
Count = Annotated[int, Meta(ge=1)]
Filled = Annotated[str, Meta(min_length=1)]


class Topic(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The value of one topic; a field that it does not declare is refused when a pack is read."""


class MonthDay(Struct, frozen=True, forbid_unknown_fields=True):
    """A day that comes back every year. A day that no year has (31 September) is refused."""

    month: int
    day: int

    def __post_init__(self) -> None:
        """Refuse what is no day. Raises ValueError."""
        date(_LEAP_YEAR, self.month, self.day)

    def of(self, year: int) -> date:
        """Say which day it is in a year. Raises ValueError for 29 February of a common year."""
        return date(year, self.month, self.day)


_declared: dict[str, type[Struct]] = {}
_families: dict[str, type[Struct]] = {}
S = TypeVar("S", bound=type[Struct])


def declare(topic: str, struct: S) -> S:
    """Name the struct of a topic, or of a family of topics: `procedure.*` is every topic with that beginning."""
    if topic.endswith("*"):
        _families[topic[:-1]] = struct
    else:
        _declared[topic] = struct
    return struct


def struct_of(topic: str) -> type[Struct] | None:
    """Find the struct of a topic; None if nobody has declared it."""
    found = _declared.get(topic)
    return found or next((struct for start, struct in _families.items() if _belongs(topic, start)), None)


def list_topics() -> tuple[str, ...]:
    """Name every topic declared by its own name."""
    return tuple(_declared)


def list_families() -> tuple[str, ...]:
    """Name the beginnings of every family of topics."""
    return tuple(_families)


def _belongs(topic: str, start: str) -> bool:
    return topic.startswith(start) and topic != start
