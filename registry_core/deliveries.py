"""How a delivery to the world outside (mail, SMS) can fail; neither error carries an address or a number."""

from __future__ import annotations


class DeliveryFailed(Exception):
    """What was sent did not arrive. `reason` is for logs: a code, never an address, a number or a text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Undeliverable(DeliveryFailed):
    """The other side refused this delivery for good; sending it again would be refused again."""


class DeliveryDelayed(DeliveryFailed):
    """The other side cannot take it now, or our settings are wrong; trying later may succeed."""
