"""Many do in one round what each would otherwise do alone; nobody waits for a round to fill."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

LARGEST_ROUND = 500

Part = TypeVar("Part")
Outcome = TypeVar("Outcome")


@dataclass(slots=True, eq=False)
class _Place(Generic[Part, Outcome]):
    part: Part
    called: threading.Event = field(default_factory=threading.Event)
    is_over: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    fault: Exception | None = None


class Rounds(Generic[Part, Outcome]):
    """Does in one round all that came while the round before was under way.

    Who comes while nobody is at work begins at once; who comes later waits for the next round, which the first of them
    does for all. `act` is given the parts of a round and says what came of each, in the same order.
    """

    def __init__(self, act: Callable[[Sequence[Part]], Sequence[Outcome]]) -> None:
        self._act = act
        self._lock = threading.Lock()
        self._waiting: list[_Place[Part, Outcome]] = []
        self._is_under_way = False

    def take_part(self, part: Part) -> Outcome:
        """Say what came of a part; a fault of the round is raised for everybody in it."""
        place = _Place[Part, Outcome](part)
        with self._lock:
            self._waiting.append(place)
            has_to_wait = self._is_under_way
            self._is_under_way = True
        if has_to_wait:
            place.called.wait()
        if not place.is_over:
            self._do_round()
        if place.fault is not None:
            raise place.fault
        return place.outcomes[0]

    def _do_round(self) -> None:
        with self._lock:
            places, self._waiting = self._waiting[:LARGEST_ROUND], self._waiting[LARGEST_ROUND:]
        try:
            outcomes = self._act([place.part for place in places])
            for place, outcome in zip(places, outcomes, strict=True):
                place.outcomes = [outcome]
        except Exception as fault:  # noqa: BLE001 - raised again for everybody in the round
            for place in places:
                place.fault = fault
        finally:
            for place in places:
                place.is_over = True
                place.called.set()
            with self._lock:
                self._is_under_way = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].called.set()
