"""Search in everything that I may read."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from chat.policies import START_CONVERSATIONS, names_of
from chat.presenters.messenger import PersonCard, show_people
from chat.presenters.search import view_results
from chat.queries.people import Wanted, search_people
from chat.queries.search import Place, Sought, find_groups
from chat.queries.search import search_messages as search
from chat.queries.words import LONGEST_WORDS, read_words
from chat.views.blueprint import blueprint, presence, read_id
from registry_core import web
from registry_core.clock import BEIJING

NAMED_AT_ONCE = 5
_BETWEEN = "_"


@blueprint.get("/search")
def search_messages() -> ResponseReturnValue:
    """Find messages, people and groups by the same words."""
    typed = request.args.get("words", "")[:LONGEST_WORDS]
    sought, after = _sought(typed), _place(request.args.get("after", ""))
    results = search(web.session(), web.actor(), sought, before=after)
    name = names_of(web.session(), web.actor(), [sought.conversation_id]) if sought.conversation_id else {}
    has_names = bool(sought.words) and not sought.conversation_id and not after
    return render_template(
        "chat/_found.html" if web.is_htmx() else "chat/search_messages.html",
        typed=typed,
        sought=sought,
        within=name.get(sought.conversation_id, "") if sought.conversation_id else "",
        found=view_results(web.session(), web.actor(), sought.words, results),
        people=_people(typed) if has_names else [],
        groups=find_groups(web.session(), web.actor(), sought.words, limit=NAMED_AT_ONCE) if has_names else [],
        after=f"{results.after[0].isoformat()}{_BETWEEN}{results.after[1]}" if results.after else "",
        is_first=after is None,
    )


def _people(typed: str) -> list[PersonCard]:
    if not web.actor().may(START_CONVERSATIONS):
        return []
    found = search_people(web.session(), web.actor(), Wanted(typed), limit=NAMED_AT_ONCE)
    return show_people(web.session(), presence(), found)


def _sought(typed: str) -> Sought:
    within = request.args.get("within", "")
    since, until = _day("since"), _day("until")
    return Sought(
        read_words(typed),
        read_id(within) if within else None,
        _begin(since) if since else None,
        _begin(until + timedelta(days=1)) if until else None,
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, BEIJING)


def _place(typed: str) -> Place | None:
    """Read where a page of results begins; a mark that nobody gave begins at the newest."""
    at, _, message_id = typed.partition(_BETWEEN)
    try:
        place = datetime.fromisoformat(at), UUID(message_id)
    except ValueError:
        return None
    return place if place[0].tzinfo else None
