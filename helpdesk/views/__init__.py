"""Pages of the help desk."""

from __future__ import annotations

from helpdesk.views import asking, console, desks, door, tickets
from helpdesk.views.blueprint import blueprint

__all__ = ["asking", "blueprint", "console", "desks", "door", "tickets"]
