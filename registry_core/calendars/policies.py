"""Permission names of the calendar, and who may change it."""

from __future__ import annotations

from registry_core.access.actors import Actor
from registry_core.orgs.models import Level

READ_CALENDAR = "calendars:year:read"
EDIT_CALENDAR = "calendars:year:edit"

FIRST_YEAR, LAST_YEAR = 2000, 2099


def may_edit(actor: Actor) -> bool:
    """Say whether the calendar of the whole country is this person's to change: at the ministry, and nowhere below."""
    units = actor.units(EDIT_CALENDAR)
    return any(held.unit_level is Level.MINISTRY and held.unit_id in units for held in actor.assignments)
