"""My conversations, one of them live, and a new one with somebody who was found."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from chat.forms import MuteForm, PersonForm
from chat.presenters.messenger import TalkRow, list_rows, show_people, view_talk
from chat.queries import find_number_at
from chat.queries.people import MOST_FOUND, Wanted, search_people
from chat.services import directs, groups
from chat.views.blueprint import blueprint, done, presence, read_id
from registry_core import web
from registry_core.access.models import Role
from registry_core.access.roles import DEFINITIONS
from registry_core.clock import BEIJING
from registry_core.forms import clean_text
from registry_core.orgs.models import Level

LONGEST_WORDS = 40


@blueprint.get("")
def list_conversations() -> ResponseReturnValue:
    """List my conversations."""
    return render_template("chat/list_conversations.html", view=None, rows=_rows())


@blueprint.get("/rows")
def conversation_rows() -> ResponseReturnValue:
    """Show the list anew."""
    return render_template("chat/_rows.html", view=None, rows=_rows())


@blueprint.get("/<uuid:conversation_id>")
def show_conversation(conversation_id: UUID) -> ResponseReturnValue:
    """Show one conversation live, beside the list; at its end, around a message, or from a day on."""
    at = request.args.get("at", 0, type=int) or _number_on(conversation_id, request.args.get("on", ""))
    view = view_talk(web.session(), presence(), web.actor(), conversation_id, at=at)
    return render_template("chat/list_conversations.html", view=view, rows=_rows(), candidates=None, words="")


@blueprint.get("/<uuid:conversation_id>/head")
def head(conversation_id: UUID) -> ResponseReturnValue:
    """Show anew with whom a conversation is."""
    view = view_talk(web.session(), presence(), web.actor(), conversation_id)
    return render_template("chat/_head.html", view=view)


@blueprint.get("/<uuid:conversation_id>/panel")
def panel(conversation_id: UUID) -> ResponseReturnValue:
    """Show who is in a conversation; its owner looks for people to add."""
    view = view_talk(web.session(), presence(), web.actor(), conversation_id)
    words = _words("member")
    candidates = None
    if words and view.is_owner and not view.is_by_rule:
        known = {card.account_id for card in view.members}
        found = search_people(web.session(), web.actor(), Wanted(words), limit=10 + len(known))
        candidates = show_people(web.session(), presence(), [one for one in found if one.account_id not in known][:10])
    return render_template("chat/_panel.html", view=view, candidates=candidates, words=words)


@blueprint.get("/people")
def find_people() -> ResponseReturnValue:
    """Find a colleague by name, pinyin, initials, unit, role and level."""
    wanted = _wanted()
    is_asked = any((wanted.words, wanted.unit_words, wanted.role, wanted.level))
    found = search_people(web.session(), web.actor(), wanted) if is_asked else []
    people = show_people(web.session(), presence(), found)
    template = "chat/_people.html" if web.is_htmx() else "chat/find_people.html"
    roles = [(role.value, str(definition.name)) for role, definition in DEFINITIONS.items()]
    return render_template(
        template, people=people, wanted=wanted, is_asked=is_asked, has_more=len(found) == MOST_FOUND, roles=roles
    )


@blueprint.post("/direct")
def open_direct() -> ResponseReturnValue:
    """Write to somebody: open our conversation."""
    form = PersonForm()
    web.require_valid(form)
    conversation_id = directs.open_direct(web.session(), web.actor(), read_id(form.account_id.data))
    return web.go(url_for("chat.show_conversation", conversation_id=conversation_id))


@blueprint.post("/<uuid:conversation_id>/mute")
def mute(conversation_id: UUID) -> ResponseReturnValue:
    """Let a conversation come without calling for attention, or call again."""
    form = MuteForm()
    web.require_valid(form)
    groups.mute(web.session(), web.actor(), conversation_id, is_muted=form.is_muted.data)
    return done(conversation_id)


def _number_on(conversation_id: UUID, day: str) -> int:
    try:
        begin = datetime.combine(date.fromisoformat(day), time.min, BEIJING)
    except ValueError:
        return 0
    return find_number_at(web.session(), web.actor(), conversation_id, begin)


def _rows() -> list[TalkRow]:
    return list_rows(web.session(), presence(), web.actor(), _words("words"))


def _wanted() -> Wanted:
    role, level = request.args.get("role", ""), request.args.get("level", "")
    return Wanted(
        _words("words"),
        _words("unit"),
        Role(role) if role in set(Role) else None,
        Level(level) if level in set(Level) else None,
    )


def _words(name: str) -> str:
    return clean_text(request.args.get(name, ""))[:LONGEST_WORDS].strip()
