"""Pages about people: who holds what, and how they get in."""

from __future__ import annotations

from registry_core.people.views import (
    batches,
    counts,
    deliveries,
    directory,
    lendings,
    loans,
    opening,
    registrations,
    reports,
    successions,
)
from registry_core.people.views.blueprint import blueprint

__all__ = [
    "batches",
    "blueprint",
    "counts",
    "deliveries",
    "directory",
    "lendings",
    "loans",
    "opening",
    "registrations",
    "reports",
    "successions",
]
