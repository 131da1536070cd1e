"""The technician's console and its live fragments."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.forms import DutyForm
from helpdesk.presenters.consoles import TicketView, list_offers, view_duty, view_queue, view_ticket
from helpdesk.queries import tickets
from helpdesk.services import duty
from helpdesk.views.blueprint import blueprint, presence
from registry_core import audit, web


@blueprint.get("/console")
@blueprint.get("/console/<uuid:ticket_id>")
def console(ticket_id: UUID | None = None) -> ResponseReturnValue:
    """Show queue, conversation, and who is asking."""
    view = _ticket_view(ticket_id, shows_person=True) if ticket_id else None
    queue = view_queue(web.session(), web.actor())
    return render_template("helpdesk/console.html", queue=queue, view=view, duty=view_duty(web.session(), web.actor()))


@blueprint.get("/console/queue")
def queue() -> ResponseReturnValue:
    """Show the first column anew."""
    rows = view_queue(web.session(), web.actor())
    return render_template("helpdesk/_queue.html", queue=rows, view=None, duty=view_duty(web.session(), web.actor()))


@blueprint.get("/console/<uuid:ticket_id>/panel")
def panel(ticket_id: UUID) -> ResponseReturnValue:
    """Show the third column anew."""
    return render_template("helpdesk/_panel.html", view=_ticket_view(ticket_id, shows_person=True))


@blueprint.get("/console/<uuid:ticket_id>/head")
def head(ticket_id: UUID) -> ResponseReturnValue:
    """Show title, ladder and buttons anew."""
    return render_template("helpdesk/_head.html", view=_ticket_view(ticket_id, shows_person=False))


@blueprint.get("/offers")
def offers() -> ResponseReturnValue:
    """Show what rings for me."""
    return render_template("helpdesk/_offers.html", offers=list_offers(web.session(), web.actor()))


@blueprint.post("/duty")
def set_duty() -> ResponseReturnValue:
    """Switch whether I take questions."""
    form = DutyForm()
    web.require_valid(form)
    duty.set_accepting(web.session(), presence(), web.actor(), accepting=form.accepting.data)
    return ("", 204) if web.is_htmx() else web.go(url_for("helpdesk.console"))


def _ticket_view(ticket_id: UUID, *, shows_person: bool) -> TicketView:
    ticket = tickets.get_ticket(web.session(), web.actor(), ticket_id)
    if shows_person:
        asker = audit.Subject("account", ticket.requester_id, ticket.unit_id)
        audit.note_read(web.session(), web.actor(), about=asker, fields=("email", "mobile"))
    at = request.args.get("at", 0, type=int)
    return view_ticket(web.session(), presence(), web.actor(), ticket, at=at)
