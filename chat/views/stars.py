"""My marked messages, what is pinned in a conversation, and the picker of emoji."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from chat import queries
from chat.presenters.reactions import view_pins
from chat.presenters.stars import view_starred
from chat.queries.reactions import may_pin
from chat.queries.stars import Place, list_stars
from chat.views.blueprint import blueprint
from registry_core import web

_BETWEEN = "_"


@blueprint.get("/starred")
def list_starred() -> ResponseReturnValue:
    """List what I have marked, the latest first."""
    before = _place(request.args.get("after", ""))
    page = list_stars(web.session(), web.actor(), before=before)
    return render_template(
        "chat/list_starred.html",
        rows=view_starred(web.session(), web.actor(), page.starred),
        after=f"{page.after[0].isoformat()}{_BETWEEN}{page.after[1]}" if page.after else "",
        is_first=before is None,
    )


@blueprint.get("/<uuid:conversation_id>/pins")
def pins(conversation_id: UUID) -> ResponseReturnValue:
    """Show anew what is pinned in a conversation, also in one of another part of the house."""
    access = queries.get_access(web.session(), web.actor(), conversation_id)
    return render_template(
        "chat/_pins.html",
        conversation_id=conversation_id,
        pins=view_pins(web.session(), web.actor(), conversation_id),
        may_pin=may_pin(web.session(), web.actor(), conversation_id, may_write=access.may_write),
    )


@blueprint.get("/emoji")
def emoji() -> ResponseReturnValue:
    """Show the picker of emoji."""
    return render_template("chat/_emoji.html")


def _place(typed: str) -> Place | None:
    """Read where a page begins; a mark that nobody gave begins at the latest."""
    at, _between, message_id = typed.partition(_BETWEEN)
    try:
        place = datetime.fromisoformat(at), UUID(message_id)
    except ValueError:
        return None
    return place if place[0].tzinfo else None
