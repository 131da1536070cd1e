"""Every blueprint of the house, and the modules that declare socket commands, on one page."""

from __future__ import annotations

from types import ModuleType

from flask import Blueprint

from chat import sockets as chat_sockets
from chat import views as chat
from helpdesk import sockets as helpdesk_sockets
from helpdesk import views as helpdesk
from portal.home import health, living
from portal.home import views as home
from registry_core.accounts import views as accounts
from registry_core.approvals import views as approvals
from registry_core.away import views as away
from registry_core.calendars import views as calendars
from registry_core.directory import views as directory
from registry_core.files import views as files
from registry_core.incidents import views as incidents
from registry_core.notifications import views as notifications
from registry_core.people import views as people
from registry_core.records import views as records
from registry_core.rules import views as rules
from registry_core.trails import views as trails
from registry_core.undertakings import views as undertakings
from registry_core.workplaces import views as workplaces

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.blueprint,
    accounts.blueprint,
    notifications.blueprint,
    away.blueprint,
    people.blueprint,
    directory.blueprint,
    trails.blueprint,
    files.blueprint,
    approvals.blueprint,
    calendars.blueprint,
    rules.blueprint,
    records.blueprint,
    undertakings.blueprint,
    incidents.blueprint,
    workplaces.blueprint,
    chat.blueprint,
    helpdesk.blueprint,
    health.blueprint,
)

# Shows every component with invented people; pages of a real installation have no business with it.
DEMONSTRATION_BLUEPRINTS: tuple[Blueprint, ...] = (living.blueprint,)

# Importing them declares their commands and hooks.
SOCKET_MODULES: tuple[ModuleType, ...] = (chat_sockets, helpdesk_sockets)
