"""The bell."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from registry_core import web
from registry_core.notifications import queries, services
from registry_core.notifications.forms import MarkReadForm
from registry_core.notifications.presenters import present

blueprint = Blueprint("notifications", __name__)


@blueprint.get("/notices")
def list_notices() -> ResponseReturnValue:
    """Show what happened that concerns the reader."""
    notices = [present(notice) for notice in queries.list_notices(web.session(), web.actor())]
    return render_template("notifications/list_notices.html", notices=notices, form=MarkReadForm())


@blueprint.post("/notices/read")
def mark_read() -> ResponseReturnValue:
    """Mark all as read."""
    web.require_valid(MarkReadForm())
    services.mark_all_read(web.session(), web.actor())
    return web.go(url_for("notifications.list_notices"))
