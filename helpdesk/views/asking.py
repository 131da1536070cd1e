"""The asker's pages: ask, my questions, one question live."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.errors import NoUnit
from helpdesk.forms import AskForm, PressForm, ReasonForm, RecordForm
from helpdesk.models import Ticket, TicketState, Urgency
from helpdesk.presenters.ladders import Ladder, count_free, ladder_of_chain, read_place
from helpdesk.presenters.questions import list_rows, question_url, view_question
from helpdesk.queries import tickets
from helpdesk.services import asking
from helpdesk.services.asking import Question, RecordDetails
from helpdesk.views.blueprint import blueprint, presence
from registry_core import web
from registry_core.db import new_id


@blueprint.route("/ask", methods=["GET", "POST"])
def ask() -> ResponseReturnValue:
    """Ask: one box; after sending, the page becomes the conversation."""
    form = AskForm(client_id=str(new_id()), page=request.args.get("page", ""))
    page = web.FormPage(form, "helpdesk/ask.html", lambda: {"chain": _chain()})
    if not page.is_sent():
        return page.render()
    question = Question(form.body.data, form.client_id.data or "", form.page.data or "", web.browser_name())
    ticket = asking.ask_question(web.session(), presence(), web.actor(), question)
    return web.go(question_url(ticket.id, console=False))


@blueprint.get("/questions")
def list_questions() -> ResponseReturnValue:
    """List what I asked."""
    wanted = request.args.get("filter", "all")
    found = tickets.list_own_questions(web.session(), web.actor(), open_only=wanted == "open")
    if wanted == "closed":
        found = [ticket for ticket in found if ticket.state is TicketState.CLOSED]
    rows = list_rows(web.session(), web.actor(), found)
    return render_template("helpdesk/list_questions.html", questions=rows, filter=wanted)


@blueprint.get("/questions/<uuid:ticket_id>")
def show_question(ticket_id: UUID) -> ResponseReturnValue:
    """Show one question live; who reads along from a desk is shown the console instead."""
    ticket = tickets.get_ticket(web.session(), web.actor(), ticket_id)
    if ticket.requester_id != web.actor().account_id:
        return web.go(url_for("helpdesk.console", ticket_id=ticket.id))
    view = view_question(web.session(), presence(), web.actor(), ticket, at=request.args.get("at", 0, type=int))
    return render_template("helpdesk/show_question.html", view=view)


@blueprint.get("/questions/<uuid:ticket_id>/status")
def question_status(ticket_id: UUID) -> ResponseReturnValue:
    """Show where a question is now."""
    return _status(tickets.get_ticket(web.session(), web.actor(), ticket_id))


@blueprint.post("/questions/<uuid:ticket_id>/record")
def submit_record(ticket_id: UUID) -> ResponseReturnValue:
    """Leave the problem record: the question may climb from now on."""
    form = RecordForm()
    web.require_valid(form)
    details = RecordDetails(
        tried=form.tried.data,
        place=form.place.data,
        happened=form.happened.data,
        since=form.since.data,
        pupils=form.pupils.data,
        urgency=Urgency(form.urgency.data),
        reach=form.reach.data,
    )
    return _status(asking.submit_record(web.session(), presence(), web.actor(), ticket_id, details))


@blueprint.post("/questions/<uuid:ticket_id>/confirm")
def confirm_question(ticket_id: UUID) -> ResponseReturnValue:
    """Confirm that the answer helped."""
    web.require_valid(PressForm())
    return _status(asking.confirm_resolution(web.session(), web.actor(), ticket_id))


@blueprint.post("/questions/<uuid:ticket_id>/reopen")
def reopen_question(ticket_id: UUID) -> ResponseReturnValue:
    """Say that it is not solved yet."""
    form = ReasonForm()
    web.require_valid(form)
    return _status(asking.reopen_question(web.session(), presence(), web.actor(), ticket_id, reason=form.reason.data))


def _status(ticket: Ticket) -> ResponseReturnValue:
    """Answer htmx with the status fragment, a plain form with the question's page."""
    if not web.is_htmx():
        return web.go(question_url(ticket.id, console=False))
    view = view_question(web.session(), presence(), web.actor(), ticket)
    return render_template("helpdesk/_status.html", view=view)


def _chain() -> Ladder:
    home = web.actor().home
    if home is None:
        raise NoUnit
    place = read_place(web.session(), home.unit_path)
    return ladder_of_chain(place, count_free(web.session(), presence(), place.desks))
