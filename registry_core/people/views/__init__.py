"""Pages about people: who holds what, and how they get in."""

from __future__ import annotations

from registry_core.people.views import (
    deliveries,
    directory,
    loans,
    opening,
    registrations,
    reports,
    successions,
)
from registry_core.people.views.blueprint import blueprint

__all__ = [
    "blueprint",
    "deliveries",
    "directory",
    "loans",
    "opening",
    "registrations",
    "reports",
    "successions",
]
