"""What a technician does with a question: one address for each act."""

from __future__ import annotations

from uuid import UUID

from flask.typing import ResponseReturnValue

from helpdesk.forms import AdviceForm, PressForm, ResolutionForm, SummaryForm
from helpdesk.models import Ticket
from helpdesk.presenters.questions import question_url
from helpdesk.services import answering
from helpdesk.views.blueprint import blueprint, presence
from registry_core import web


@blueprint.post("/offers/<uuid:offer_id>/accept")
def accept_offer(offer_id: UUID) -> ResponseReturnValue:
    """Accept what rings for me."""
    web.require_valid(PressForm())
    return _open(answering.accept_offer(web.session(), web.actor(), offer_id))


@blueprint.post("/offers/<uuid:offer_id>/decline")
def decline_offer(offer_id: UUID) -> ResponseReturnValue:
    """Let it ring for the next."""
    web.require_valid(PressForm())
    answering.decline_offer(web.session(), presence(), web.actor(), offer_id)
    return "", 204


@blueprint.post("/tickets/<uuid:ticket_id>/take")
def take_ticket(ticket_id: UUID) -> ResponseReturnValue:
    """Take a question that waits at my desk."""
    web.require_valid(PressForm())
    return _open(answering.take_ticket(web.session(), web.actor(), ticket_id))


@blueprint.post("/tickets/<uuid:ticket_id>/pass-up")
def pass_up(ticket_id: UUID) -> ResponseReturnValue:
    """Pass a question one level up with a summary."""
    form = SummaryForm()
    web.require_valid(form)
    return _done(answering.pass_up(web.session(), presence(), web.actor(), ticket_id, summary=form.summary.data))


@blueprint.post("/tickets/<uuid:ticket_id>/return")
def return_ticket(ticket_id: UUID) -> ResponseReturnValue:
    """Give a question back to the desk below with advice."""
    form = AdviceForm()
    web.require_valid(form)
    return _done(answering.return_ticket(web.session(), presence(), web.actor(), ticket_id, advice=form.advice.data))


@blueprint.post("/tickets/<uuid:ticket_id>/resolve")
def resolve(ticket_id: UUID) -> ResponseReturnValue:
    """Give the written answer."""
    form = ResolutionForm()
    web.require_valid(form)
    return _done(answering.resolve_ticket(web.session(), web.actor(), ticket_id, resolution=form.resolution.data))


def _open(ticket: Ticket) -> ResponseReturnValue:
    return web.go(question_url(ticket.id, console=True))


def _done(ticket: Ticket) -> ResponseReturnValue:
    """Answer htmx with nothing: the page hears `ticket:changed` and reads itself anew."""
    return ("", 204) if web.is_htmx() else _open(ticket)
