"""Writes of the package: what people choose, the browsers they subscribe, and telling them."""

from __future__ import annotations

from registry_core.away.services.choices import pause, save_choice
from registry_core.away.services.own_mail import claim_mail
from registry_core.away.services.subscriptions import forget_subscription, subscribe, try_push, unsubscribe

__all__ = ["claim_mail", "forget_subscription", "pause", "save_choice", "subscribe", "try_push", "unsubscribe"]
