"""What happened to the calendar, for those whose deadlines hang on it."""

from __future__ import annotations

from dataclasses import dataclass

from registry_core.events import Event


@dataclass(frozen=True, slots=True)
class CalendarChanged(Event):
    """A year was published, or one of its days was corrected: deadlines that touch it are to be computed anew."""

    year: int
