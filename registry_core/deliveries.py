"""How a delivery to the world outside (mail, SMS) can fail; neither error carries an address or a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session


class DeliveryFailed(Exception):
    """What was sent did not arrive. `reason` is for logs: a code, never an address, a number or a text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Undeliverable(DeliveryFailed):
    """The other side refused this delivery for good; sending it again would be refused again."""


class DeliveryDelayed(DeliveryFailed):
    """The other side cannot take it now, or our settings are wrong; trying later may succeed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt at a delivery; without a `reason` the other side has taken it."""

    key: UUID
    """The key of the mail or short message."""
    reason: str = ""
    is_final: bool = True
    """Whether it is not tried again by itself."""


Ledger = Callable[[Session, Outcome], None]

_ledgers: list[Ledger] = []


def install_ledger(note: Ledger) -> None:
    """Lay down who keeps the outcome of deliveries that have to be proved; the page is `portal/subscriptions.py`."""
    _ledgers[:] = [note]


def note_outcome(session: Session, outcome: Outcome) -> None:
    """Keep what came of a delivery."""
    for note in _ledgers:
        note(session, outcome)
