"""Every blueprint of the house, and the modules that declare socket commands, on one page."""

from __future__ import annotations

from flask import Blueprint

from portal.home import health, living
from portal.home import views as home
from registry_core.accounts import views as accounts
from registry_core.notifications import views as notifications

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.blueprint,
    accounts.blueprint,
    notifications.blueprint,
    health.blueprint,
)

# Shows every component with invented people; pages of a real installation have no business with it.
DEMONSTRATION_BLUEPRINTS: tuple[Blueprint, ...] = (living.blueprint,)
