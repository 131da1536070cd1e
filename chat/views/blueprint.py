"""The blueprint that all pages of the messenger hang on, and what they share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, url_for
from flask.typing import ResponseReturnValue

from chat.policies import USE_CONVERSATIONS
from chat.presence import Presence
from chat.queries.messenger import count_with_news, list_threads
from registry_core import web
from registry_core.errors import NotFound

blueprint = Blueprint("chat", __name__, url_prefix="/messages")


def presence() -> Presence:
    """Return who is connected, as this request can know it."""
    return Presence(web.store())


def done(conversation_id: UUID) -> ResponseReturnValue:
    """Answer a button: the page's live parts fetch what is new; a plain form comes back to the conversation."""
    if web.is_htmx():
        return "", 204
    return web.go(url_for("chat.show_conversation", conversation_id=conversation_id))


def read_id(text: str) -> UUID:
    """Read an id that a form carries.

    Raises NotFound.
    """
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


@blueprint.app_context_processor
def tell_count() -> dict[str, Any]:
    """Give templates the count in the menu; it is read when a template asks."""
    return {"unread_talks": count_unread_talks}


def count_unread_talks() -> int:
    """Count my conversations with something unread."""
    visitor = web.visitor()
    if visitor is None or not visitor.actor.may(USE_CONVERSATIONS):
        return 0
    if "unread_talks" not in g:
        mine = list_threads(web.session(), visitor.actor)
        g.unread_talks = count_with_news(web.session(), visitor.actor, mine)
    count: int = g.unread_talks
    return count
