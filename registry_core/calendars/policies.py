"""Permission names of the calendar, and the years for which one is kept."""

from __future__ import annotations

READ_CALENDAR = "calendars:year:read"
EDIT_CALENDAR = "calendars:year:edit"

FIRST_YEAR, LAST_YEAR = 2000, 2099
