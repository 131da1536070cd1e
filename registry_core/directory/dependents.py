"""What hangs on a unit in the floors above, told by those floors: desks and questions of the help desk, for example.

The composition root lays down who is asked; the directory knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Dependent:
    """One sort of thing that hangs on a unit, in words, how many there are, and the icon beside it."""

    text: str
    count: int
    icon: str


Teller = Callable[[Session, Collection[UUID]], Mapping[UUID, Sequence[Dependent]]]
_tellers: list[Teller] = []


def install_tellers(tellers: Sequence[Teller]) -> None:
    """Lay down who tells what hangs on units; the page is `portal/subscriptions.py`."""
    _tellers[:] = tellers


def list_dependents(session: Session, unit_ids: Collection[UUID]) -> dict[UUID, tuple[Dependent, ...]]:
    """List for each of the units what hangs on it in the floors above."""
    found: dict[UUID, tuple[Dependent, ...]] = {}
    for tell in _tellers:
        for unit_id, dependents in tell(session, unit_ids).items():
            found[unit_id] = (*found.get(unit_id, ()), *dependents)
    return found
