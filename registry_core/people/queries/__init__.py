"""Reads about people within somebody's reach, and about how they get in."""

from __future__ import annotations

from registry_core.people.queries.directory import (
    PAGE,
    HeldRole,
    PersonRow,
    Wanted,
    find_place,
    get_person,
    list_people,
    list_units_to_give_at,
)

__all__ = [
    "PAGE",
    "HeldRole",
    "PersonRow",
    "Wanted",
    "find_place",
    "get_person",
    "list_people",
    "list_units_to_give_at",
]
