"""登录不了: a question that can be asked before signing in, and the check of who asked it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.forms import DoorForm, IdentityForm
from helpdesk.presenters.questions import question_url
from helpdesk.services import door
from helpdesk.services.asking import Question
from helpdesk.services.door import Plea
from helpdesk.views.blueprint import blueprint, presence
from registry_core import web
from registry_core.accounts import rate_limits
from registry_core.db import new_id
from registry_core.forms import clean_text
from registry_core.orgs.queries import WHOLE_TREE, list_path_names, search_units

LONGEST_WORDS = 60


@blueprint.route("/cannot-sign-in", methods=["GET", "POST"])
def cannot_sign_in() -> ResponseReturnValue:
    """Ask the desk of one's unit for help with signing in."""
    form = DoorForm(client_id=str(new_id()))
    units = _find_units(form.unit_words.data)
    form.unit_id.offer(units)
    page = web.FormPage(form, "helpdesk/cannot_sign_in.html", lambda: {"units": units, "words": form.unit_words.data})
    if not page.is_sent():
        return page.render()
    rate_limits.count_request(web.store(), rate_limits.ASK_AT_DOOR, address=web.client_address())
    plea = Plea(form.name.data, UUID(form.unit_id.data), form.reach.data)
    question = Question(form.body.data, form.client_id.data or "", request.path, web.browser_name())
    door.ask_at_door(web.session(), presence(), plea, question)
    flash(_("已经转给您单位的服务台。同事核实身份后，会按您留的方式联系您。"), "success")
    return web.go(url_for("accounts.sign_in"))


@blueprint.get("/cannot-sign-in/units")
def find_units() -> ResponseReturnValue:
    """Show the units whose names have the words that are being typed."""
    rate_limits.count_request(web.store(), rate_limits.FIND_UNITS, address=web.client_address())
    words = clean_text(request.args.get("unit_words", ""))[:LONGEST_WORDS]
    return render_template("helpdesk/_units.html", units=_find_units(words), words=words, chosen="")


@blueprint.post("/tickets/<uuid:ticket_id>/identity")
def check_identity(ticket_id: UUID) -> ResponseReturnValue:
    """Write down that the identity of who asked at the door was checked."""
    form = IdentityForm()
    web.require_valid(form)
    ticket = door.check_identity(web.session(), web.actor(), ticket_id, how=form.how.data)
    return ("", 204) if web.is_htmx() else web.go(question_url(ticket.id, console=True))


def _find_units(words: str) -> list[tuple[str, str]]:
    units = search_units(web.session(), WHOLE_TREE, words) if words else []
    places = list_path_names(web.session(), units)
    return [(str(unit.id), places[unit.id]) for unit in units]
