"""What hangs on a unit in the floors above, told by those floors: desks and questions of the help desk, for example.

The composition root lays down who is asked; the directory knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry_core.orgs.models import OrgUnit


@dataclass(frozen=True, slots=True)
class Dependent:
    """One sort of thing that hangs on a unit, in words, how many there are, and the icon beside it."""

    text: str
    count: int
    icon: str


Teller = Callable[[Session, OrgUnit], Iterable[Dependent]]
_tellers: list[Teller] = []


def install_tellers(tellers: Sequence[Teller]) -> None:
    """Lay down who tells what hangs on a unit; the page is `portal/subscriptions.py`."""
    _tellers[:] = tellers


def list_dependents(session: Session, unit: OrgUnit) -> tuple[Dependent, ...]:
    """List what hangs on a unit in the floors above, without what there is none of."""
    return tuple(one for tell in _tellers for one in tell(session, unit) if one.count)
