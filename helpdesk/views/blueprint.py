"""The blueprint that all pages of the help desk hang on, and what they share."""

from __future__ import annotations

from flask import Blueprint

from chat.presence import Presence
from registry_core import web

blueprint = Blueprint("helpdesk", __name__)


def presence() -> Presence:
    """Return who is connected, as this request can know it."""
    return Presence(web.store())
